"""Settings: a file, an environment and flags in, one frozen value or every mistake at once out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import pytest
from budget import examples
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feeds import fastpath
from feeds.content.flavour import Flavour
from feeds.errors import ExitCode, SettingsError
from feeds.model import Person
from feeds.settings import (
    Bounds,
    FeedSettings,
    Paths,
    Push,
    Sanitise,
    Settings,
    Visibility,
    entry_fingerprint,
    fingerprint,
    load,
    page,
)
from feeds.settings.fields import FIELDS, FLAGS, GROUPS, KINDS, SYNONYMS, variable_of

GROUP_CLASSES = {
    "paths": Paths, "push": Push, "bounds": Bounds, "sanitise": Sanitise, "markdown": Flavour, "visibility": Visibility,
}  # fmt: skip
PAGE = Path(__file__).parents[1] / "docs" / "settings.md"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with posts and nothing else."""
    (tmp_path / "posts").mkdir()
    return tmp_path


def read(site: Path, toml: str = "", environ: Mapping[str, str] | None = None, **flags: object) -> Settings:
    """The settings of a site whose feeds.toml holds `toml`, below a base URL."""
    if toml:
        (site / "feeds.toml").write_text(toml, encoding="utf-8")
    given = {"base_url": "https://example.org/"} | flags
    return load(environ=environ or {}, flags=given, cwd=site)


def mistakes(site: Path, toml: str = "", environ: Mapping[str, str] | None = None, **flags: object) -> list[str]:
    """What is wrong, one sentence each."""
    with pytest.raises(SettingsError) as raised:
        read(site, toml, environ, **flags)
    assert raised.value.exit_code == ExitCode.WRONG_SETTINGS
    assert str(raised.value) == "\n".join(raised.value.mistakes)
    return list(raised.value.mistakes)


# --- where settings come from


def test_no_file_is_needed(site: Path) -> None:
    """`feeds build posts/ --base-url …` works in a folder that knows nothing of us."""
    settings = load(environ={}, flags={"posts": "posts", "base_url": "https://example.org/"}, cwd=site)
    assert (settings.posts, settings.output, settings.state) == (site / "posts", site / "public", site / ".feeds")
    assert settings.config is None
    assert settings.title == "example.org", "a feed needs a title"
    assert settings.authority == "example.org,2026", "an id needs an authority"


def test_file_then_variable_then_flag(site: Path) -> None:
    """Later sources win, setting by setting."""
    toml = 'title = "file"\nlimit = 5\ntimezone = "Asia/Shanghai"\n'
    settings = read(site, toml, {"FEEDS_TITLE": "variable", "FEEDS_LIMIT": "6"}, limit="7")
    assert (settings.title, settings.limit, settings.timezone) == ("variable", 7, "Asia/Shanghai")


def test_relative_paths_are_beside_what_named_them(tmp_path: Path) -> None:
    """A file's paths are beside the file; those of variables and flags below the current folder."""
    (tmp_path / "blog" / "posts").mkdir(parents=True)
    (tmp_path / "blog" / "feeds.toml").write_text('base_url = "https://example.org/"\noutput = "out"\n')
    settings = load(config=Path("blog/feeds.toml"), environ={"FEEDS_STATE": "state"}, flags={}, cwd=tmp_path)
    assert settings.posts == tmp_path / "blog" / "posts"
    assert settings.output == tmp_path / "blog" / "out"
    assert settings.state == tmp_path / "state"
    assert settings.config == tmp_path / "blog" / "feeds.toml"


def test_the_file_beside_the_posts_named_goes_before_that_of_the_current_folder(tmp_path: Path) -> None:
    """From anywhere, `feeds build /srv/blog/posts` finds /srv/blog/feeds.toml, and the state beside it."""
    for name in ("here", "blog"):
        (tmp_path / name / "posts").mkdir(parents=True)
        (tmp_path / name / "feeds.toml").write_text(f'base_url = "https://{name}.example.org/"\n')
    flags = {"posts": str(tmp_path / "blog" / "posts")}
    named = load(environ={}, flags=flags, cwd=tmp_path / "here")
    assert (named.base_url, named.state) == ("https://blog.example.org/", tmp_path / "blog" / ".feeds")
    assert load(environ={}, flags={}, cwd=tmp_path / "here").base_url == "https://here.example.org/"
    chosen = {"FEEDS_CONFIG": str(tmp_path / "blog" / "feeds.toml")}
    assert load(environ=chosen, flags={}, cwd=tmp_path / "here").base_url == "https://blog.example.org/"


def test_the_state_folder_is_beside_the_posts_without_a_settings_file(tmp_path: Path) -> None:
    """Wherever the command is run from, the same posts find the same ledger."""
    (tmp_path / "a" / "posts").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    settings = read(tmp_path / "elsewhere", posts=str(tmp_path / "a" / "posts"))
    assert settings.state == tmp_path / "a" / ".feeds"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b'title = \xb1\xea\xcc\xe2\n', "feeds.toml:1: is not UTF-8"),
        ("limit = 3\ntitle = “小站”\n".encode(), "feeds.toml:2: is not valid TOML"),
        (b"title = Small site\n", 'write text in quotes'),
        ("[feed.技术]\nlimit = 3\n".encode(), 'in quotes: [feed."category/技术"]'),
        (b"limit = 3\nlimit = 4\n", "feeds.toml:2: is not valid TOML"),
        (b"x = " + b"[" * 5000, "feeds.toml:1: is not valid TOML"),
        (b"x = '" + b"a" * 1_100_000 + b"'", "larger"),
    ],
)  # fmt: skip
def test_invalid_toml_is_reported_with_its_line(site: Path, text: bytes, problem: str) -> None:
    """What the parser cannot read is told with line and fix, beside the mistakes of the other sources."""
    (site / "feeds.toml").write_bytes(text)
    found = mistakes(site, limit="many")
    assert any(problem in one for one in found), found
    assert any(one.startswith("--limit") for one in found)
    assert not any("base_url" in one for one in found), "what the file says is unknown, so nothing is called missing"


def test_windows_line_ends_and_byte_order_mark(site: Path) -> None:
    (site / "feeds.toml").write_bytes("\ufefftitle = '小站'\r\nlimit = 3\r\n".encode())
    assert (read(site).title, read(site).limit) == ("小站", 3)


def test_a_named_file_that_is_missing_is_a_mistake(site: Path) -> None:
    with pytest.raises(SettingsError, match=r"other\.toml: cannot be read"):
        load(config=Path("other.toml"), environ={}, flags={"base_url": "https://example.org/"}, cwd=site)


def test_a_named_settings_file_must_exist(site: Path) -> None:
    """A folder, or a pipe that would hang the command."""
    os.mkfifo(site / "pipe.toml")
    for name in ("posts", "pipe.toml"):
        with pytest.raises(SettingsError, match="is not a file"):
            load(config=Path(name), environ={}, flags={"base_url": "https://example.org/"}, cwd=site)


def test_lists_and_groups_in_the_environment(site: Path) -> None:
    """Two underscores for a dot; lists with commas or as in TOML; an empty variable is none."""
    environ = {
        "FEEDS_FORMATS": "rss, json",
        "FEEDS_ENCODINGS": '["utf-8", "GBK"]',
        "FEEDS_PATHS__RSS": "index.xml",
        "FEEDS_SANITISE__NOFOLLOW": "yes",
        "FEEDS_MAX_AGE_SECONDS": "15 min",
        "FEEDS_AUTHORS": "林夏, Ben",
        "FEEDS_LANGUAGE": "",
        "HOME": "/root",
    }
    settings = read(site, environ=environ)
    assert settings.formats == ("rss", "json")
    assert settings.encodings == ("utf-8", "gbk")
    assert settings.paths == replace(Paths(), rss="index.xml")
    assert settings.sanitise.nofollow is True
    assert settings.max_age_seconds == 900
    assert settings.authors == (Person("林夏"), Person("Ben"))
    assert settings.language is None


def test_variables_of_container_hosts_are_ignored(site: Path) -> None:
    """Docker and Kubernetes set such variables for a service called "feeds"."""
    environ = {
        "FEEDS_PORT": "tcp://10.0.0.7:8000",
        "FEEDS_PORT_8000_TCP_ADDR": "10.0.0.7",
        "FEEDS_SERVICE_HOST": "10.0.0.7",
        "FEEDS_SERVICE_PORT_HTTP": "8000",
    }
    assert read(site, environ=environ).title == "example.org"
    assert mistakes(site, environ={"FEEDS_PORTS": "8000"}) != []


# --- mistakes


def test_every_mistake_at_once_each_with_its_place(site: Path) -> None:
    """IN-17: one clear line for each, with source, dotted path, what is allowed and the fix."""
    toml = """\
titel = "x"
timezone = "Asia/Beijing"
limit = "20"

[author]
name = "张三"
content = "full"

[feed."category/技术"]
limit = -3

[sanitise]
backend = "nh4"
"""
    found = mistakes(site, toml, {"FEEDS_LIMT": "3", "FEEDS_LANGUAGE": "zh_CN"}, base_url="example.org")
    expected = [
        'feeds.toml:1: titel: is not a setting (did you mean "title"?)',
        'feeds.toml:2: timezone: "Asia/Beijing" is not a time zone; expected an IANA time zone,'
        ' e.g. "Asia/Shanghai" or "UTC" (did you mean "Asia/Shanghai"?)',
        'feeds.toml:3: limit: "20" is not a whole number; expected a whole number from 0 to 3000 (without quotes)',
        "feeds.toml:7: author.content: is not a setting"
        " (content is a setting of the whole site: write it above the first [table])",
        'feeds.toml:10: feed."category/技术".limit: -3 is too small; expected a whole number from 0 to 3000',
        'feeds.toml:13: sanitise.backend: "nh4" is not known; expected "bleach" or "nh3" (did you mean "nh3"?)',
        'FEEDS_LANGUAGE: "zh_CN" is not a language tag; expected a language tag (BCP 47), e.g. "zh-CN" or "en"'
        ' (did you mean "zh-CN"?)',
        'FEEDS_LIMT: is not a setting (did you mean "FEEDS_LIMIT"?)',
        '--base-url: "example.org" is not an absolute http(s) URL; expected the http(s) URL of a folder,'
        ' e.g. "https://example.org/" (did you mean "https://example.org/"?)',
    ]
    assert found == expected


def test_a_missing_base_url_is_reported_with_all_its_fixes(site: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        load(environ={}, flags={}, cwd=site)
    (only,) = raised.value.mistakes
    assert all(word in only for word in ("base_url", "--base-url", "FEEDS_BASE_URL", "feeds.toml"))


def test_a_command_that_publishes_nothing_needs_no_base_url(site: Path) -> None:
    assert load(environ={}, flags={}, cwd=site, need_base_url=False).base_url == "http://localhost/"


@pytest.mark.parametrize(
    ("toml", "hint"),
    [
        ('url = "https://example.org/"', '"base_url"'),
        ('tz = "UTC"', '"timezone"'),
        ('backend = "nh3"', "[sanitise]"),
        ('element_depth = 9', "[bounds]"),
        ('[category_map]\nCode = ["a"]', "not text"),
        ('[feed]\nlimit = 3', '[feed.""]'),
        ('[feed."catgory/web"]\nlimit = 3', '"category/web"'),
        ('[feed."web"]\nlimit = 3', '"category/web"'),
        ('paths = "x"', "a table: [paths]"),
        ('formats = "rss"', '["rss"]'),
        ('formats = ["rss", "rss"]', "twice"),
        ('formats = []', "empty"),
        ('title = 2021', '"2021"'),
        ('title = 2021-08-04', "a date"),
        ('show_email = "yes"', "true or false"),
        ('permalink = ":yeer/:title/"', '"year"'),
        ('permalink = "/blog/"', "one address"),
        ('permalink = "{date:%Y}/{slug}"', "Pelican"),
        ('permalink = "https://example.org/:title/"', "home_page_url"),
        ('permalink = "../:title/"', "path"),
        ('comments_url = "{permalik}#c"', '"permalink"'),
        ('category_page = "/categories/"', "{path}"),
        ('authority = "example.org"', '"example.org,2026"'),
        ('encodings = ["utf-9"]', '"utf'),
        ('encodings = ["rot13"]', "not an encoding"),
        ('exclude = ["/etc/*"]', "below the posts folder"),
        ('exclude = ["a\\\\b"]', '"a/b"'),
        ('max_document_bytes = "1 GB"', "not a valid size"),
        ('max_age_seconds = 0', "too small"),
        ('max_removed_fraction = 30', '"30 %"'),
        ('warn_document_bytes = 600_000', "max_document_bytes"),
        ('hubs = ["hub.example.org/"]', '"https://hub.example.org/"'),
        ('icon = "javascript:alert(1)"', "not an http(s) URL"),
        ('icon = "https://me:secret@example.org/i.png"', "password"),
        ('authors = ["A"]\nauthor = "B"', "and so is author"),
        ('[author]\nurl = "/about/"', "without a name"),
        ('[author]\nname = "A"\nemail = "not mail"', "not a valid e-mail"),
        ('[paths]\nrss = "atom.xml"', "paths."),
        ('[paths]\nrss = "../x.xml"', "not a file name"),
        ('[paths]\nrss = ".hidden.xml"', "begins with a dot"),
        ('[paths]\nhtml = "con.html"', "Windows"),
        ('[paths]\ncategory = "category/"', "{path}"),
        ('[paths]\ncategory = "/category/{path}/"', '"category/{path}/"'),
        ('[paths]\ncategory = "category/{path}"', '"category/{path}/"'),
        ('[paths]\ncategory = "{path}/"', "another folder"),
        ('[paths]\ncategory = "a/../{path}/"', "begins with a dot"),
        ('[paths]\ncategory = "{slug}/x/"', "last name"),
        ('[paths]\ntag = "category/{slug}/"', "paths.category"),
        ('[paths]\ntag = "Category/x-{slug}/"', "paths.category"),
        ('[paths]\nentry = "entry/{path}/"', "{path} is not known"),
        ('[paths]\nsite = "tag/x/"', "could be the folder"),
        ('[paths]\nsite = "archive/"', "both the archive and the site's feed"),
        ('[paths]\natom = "404.html"', "nothing"),
        ('[paths]\njson = "rss-archive-2.xml"', 'further document beside "rss.xml"'),
        ('[paths]\nopml = "index-2.html"', "further document"),
        ('[paths]\nhtml = "posts.html"', "further document"),
        ('[sanitise]\nallow_tags = ["script"]', "never allowed"),
        ('[sanitise.allow_attributes]\nscript = ["src"]', "never allowed"),
        ('[sanitise.allow_attributes]\na = ["onclick"]', "never allowed"),
        ('[moved]\n"a.xml" = "b.xml"\n"b.xml" = "a.xml"', "circle"),
        ('retired = ["a.xml"]\n[moved]\n"a.xml" = "b.xml"', "retired too"),
        ('retired = ["../a.xml"]', "not a path below"),
        ('output = "~/public"', "whole path"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_mend(site: Path, toml: str, hint: str) -> None:
    """Each sort of mistake is one line that says what would be right."""
    found = mistakes(site, toml)
    assert any(hint in one for one in found), found
    assert all(one.startswith("feeds.toml") for one in found), found


def test_thousands_of_mistakes_are_counted(site: Path) -> None:
    """The first hundred are told: nobody reads more, and looking up what was meant takes time for each."""
    with pytest.raises(SettingsError) as caught:
        read(site, "".join(f"k{number} = 1\n" for number in range(2_000)))
    assert len(caught.value.mistakes) == 101 and caught.value.mistakes[-1].startswith("1900 more")


def test_a_long_chain_of_moves_ends_where_it_leads(site: Path) -> None:
    chain = "".join(f'"a{number}.xml" = "a{number + 1}.xml"\n' for number in range(2_000))
    settings = read(site, f"[moved]\n{chain}")
    assert set(settings.moved.values()) == {"a2000.xml"}
    with pytest.raises(SettingsError, match="circle"):
        read(site, f'[moved]\n{chain}"a2000.xml" = "a1999.xml"\n')


def test_unknown_variables_are_mistakes(site: Path) -> None:
    found = mistakes(site, environ={"FEEDS_CATEGORY_MAP": "a=b", "FEEDS_URL": "x", "FEEDS_QUITE_UNKNOWN_THING": "1"})
    assert "[category_map]" in found[0]
    assert "docs/settings.md" in found[1]
    assert '"FEEDS_BASE_URL"' in found[2]


# --- values


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTPS://Example.ORG:443/Blog", "https://example.org/Blog/"),
        ("https://example.org/a/../b/", "https://example.org/b/"),
        ("https://例子.测试/博客/", "https://xn--fsqu00a.xn--0zwm56d/%E5%8D%9A%E5%AE%A2/"),
        ("http://localhost:8000", "http://localhost:8000/"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("http://127.1/", "http://127.0.0.1/"),
    ],
)
def test_base_url_is_normalised(site: Path, written: str, read_as: str) -> None:
    """X-5: what stands in every link is absolute and ASCII, and ends in a slash."""
    assert read(site, base_url=written).base_url == read_as


@pytest.mark.parametrize(
    "written",
    [
        "", "example.org", "//example.org/", "/blog/", "ftp://example.org/", "https://", "https://me:x@example.org/",
        "https://example.org/?page=1", "https://example.org/#top", "https://example.org/?", "https://exa mple.org/",
        "https://example.org/index.html", "https://example.org//blog/", "https://[::1/", "https://例\x00子.测试/", "https://example.org/%zz<>",
    ],
)  # fmt: skip
def test_base_url_that_cannot_be(site: Path, written: str) -> None:
    assert all("--base-url" in one for one in mistakes(site, base_url=written))


@given(host=st.from_regex(r"[a-zA-Z0-9.\-]{1,30}", fullmatch=True), path=st.text("ab.%/~A中 ", max_size=12))
@hypothesis_settings(max_examples=examples(100), deadline=None)
def test_base_url_is_read_as_browsers_read_it(host: str, path: str) -> None:
    """Whatever is accepted is what the URL standard makes of it, short cut or not."""
    import ada_url

    from feeds.settings.addresses import base
    from feeds.settings.kinds import WrongValueError

    try:
        url = base(f"https://{host}/{path}")
    except WrongValueError:
        return
    assert url.isascii() and url.endswith("/")
    assert ada_url.URL(url).href == url


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("zh-cn", "zh-CN"), ("zh-hant-tw", "zh-Hant-TW"), ("EN", "en"), ("de-1996", "de-1996"), ("x-own", "x-own")],
)
def test_language_tags_get_their_usual_case(site: Path, written: str, read_as: str) -> None:
    assert read(site, language=written).language == read_as


@pytest.mark.parametrize(
    ("written", "bytes_"),
    [("512 KB", 512_000), ("1 MiB", 1_048_576), ("1.5mb", 1_500_000), ("300000", 300_000), ("300_000", 300_000)],
)
def test_sizes_in_words(site: Path, written: str, bytes_: int) -> None:
    assert read(site, max_document_bytes=written).max_document_bytes == bytes_


def test_a_small_document_bound_lowers_the_warning(site: Path) -> None:
    """Who only lowers the bound need not think of the warning below it."""
    assert read(site, "max_document_bytes = 100_000").warn_document_bytes == 100_000


@pytest.mark.parametrize(
    ("toml", "authors"),
    [
        ('author = "林夏"', (Person("林夏"),)),
        ('authors = ["林夏", "Ben"]', (Person("林夏"), Person("Ben"))),
        (
            '[author]\nname = "林夏"\nurl = "/about/"\nemail = "lin@example.org"',
            (Person("林夏", "https://example.org/about/", "lin@example.org"),),
        ),
        ('[[authors]]\nname = "A"\n[[authors]]\nname = "B"\navatar = "b.png"',
         (Person("A"), Person("B", avatar="https://example.org/b.png"))),
    ],
)  # fmt: skip
def test_authors_in_every_form(site: Path, toml: str, authors: tuple[Person, ...]) -> None:
    assert read(site, toml).authors == authors


def test_people_and_feeds_are_tables_by_name(site: Path) -> None:
    toml = """\
[people."张三"]
url = "https://张三.example/"
[people.ben]
name = "Ben Okafor"
[feed.""]
title = "All"
[feed."/category/技术/"]
limit = 50
content = "summary"
"""
    settings = read(site, toml)
    assert settings.people == {
        "张三": Person("张三", "https://xn--ehq892b.example/"),
        "ben": Person("Ben Okafor"),
    }
    assert settings.feeds == {
        "": FeedSettings(title="All"),
        "category/技术": FeedSettings(limit=50, content="summary"),
    }


def test_moves_are_one_hop(site: Path) -> None:
    """HTTP-21: a feed that moved twice still answers with its last address."""
    toml = """\
[moved]
"/rss2.xml" = "feed.xml"
"feed.xml" = "atom.xml"
"%E6%97%A7/rss.xml" = "https://other.example.org/rss.xml"
"""
    assert read(site, toml).moved == {
        "rss2.xml": "atom.xml",
        "feed.xml": "atom.xml",
        "旧/rss.xml": "https://other.example.org/rss.xml",
    }


@pytest.mark.parametrize(
    ("folders", "wrong"),
    [
        ({"posts": "posts", "output": "posts"}, "output"),
        ({"posts": "site/posts", "output": "site"}, "posts"),
        ({"posts": "posts", "output": "public", "state": "public/.feeds"}, "state"),
        ({"posts": "posts", "output": "state/public", "state": "state"}, "output"),
        ({"posts": "link/public", "output": "posts"}, "posts"),
    ],
)
def test_folders_are_apart(site: Path, folders: dict[str, str], wrong: str) -> None:
    """Posts never lie in the output or the state, nor those in each other, symlinks followed."""
    (site / "link").symlink_to("posts")
    found = mistakes(site, **folders)
    assert len(found) == 1 and re.match(rf"(--)?{wrong}\b|POSTS", found[0]), found


def test_a_missing_posts_folder_is_reported_only_if_none_was_named(tmp_path: Path) -> None:
    """A named folder that is missing is a fault of the machine, and for the scan to refuse."""
    assert "feeds build posts/" in mistakes(tmp_path)[0]
    assert read(tmp_path, posts="not-mounted").posts == tmp_path / "not-mounted"


# --- digests


def test_fingerprint_moves_with_what_decides_bytes(site: Path) -> None:
    """Where things lie on the disk decides nothing; a title decides feeds, a policy decides entries."""
    plain = read(site)
    moved = replace(plain, posts=Path("/x"), output=Path("/y"), state=Path("/z"), workers=7, output_mode="files")
    assert fingerprint(moved) == fingerprint(plain)
    authored = replace(plain, authors=(Person("A"),))
    titled = replace(authored, title="Other")
    assert fingerprint(titled) != fingerprint(authored)
    assert entry_fingerprint(titled) == entry_fingerprint(authored)
    assert entry_fingerprint(replace(plain, title="Other")) != entry_fingerprint(plain), "the author is called so"
    cleaned = replace(plain, sanitise=Sanitise(nofollow=True))
    assert entry_fingerprint(cleaned) != entry_fingerprint(plain)


def test_fingerprint_knows_no_order_of_tables(site: Path) -> None:
    one = read(site, '[category_map]\na = "x"\nb = "y"\n[sanitise.allow_attributes]\na = ["rel"]\np = ["align"]\n')
    two = read(site, '[category_map]\nb = "y"\na = "x"\n[sanitise.allow_attributes]\np = ["align"]\na = ["rel"]\n')
    assert fingerprint(one) == fingerprint(two)


def test_fingerprint_is_equal_in_every_interpreter(site: Path) -> None:
    """REL-1: no hash seed, no address in memory."""
    code = (
        "import sys; from pathlib import Path; from feeds.settings import load, fingerprint\n"
        "flags = {'base_url': 'https://example.org/', 'title': 'x'}\n"
        "print(fingerprint(load(environ={}, flags=flags, cwd=Path(sys.argv[1]))))"
    )
    out = {
        subprocess.run(
            [sys.executable, "-c", code, str(site)], env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(PAGE.parents[1])},
            check=True, capture_output=True, text=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }  # fmt: skip
    assert len(out) == 1


def test_importing_settings_is_cheap() -> None:
    """The settings alone load neither TOML, zones, URLs nor what explains a wrong value."""
    code = "import sys, feeds.settings; print([m for m in sys.argv[1:] if m in sys.modules])"
    heavy = ["tomllib", "zoneinfo", "ada_url", "difflib", "yaml", "lxml", "feeds.settings.fields"]
    ran = subprocess.run([sys.executable, "-c", code, *heavy], check=True, capture_output=True, text=True, cwd=PAGE.parents[1])
    assert ran.stdout.strip() == "[]"


# --- one row a setting


def test_each_field_is_a_row_and_each_row_a_field() -> None:
    """What can be set is what the dataclasses hold, and each has its row."""
    top = {
        {"authors": "author", "feeds": "feed", "sets": "set", "shows": "show"}.get(one.name, one.name) for one in fields(Settings)
    }
    inner = {f"{group}.{one.name}" for group, kind in GROUP_CLASSES.items() for one in fields(kind)}
    assert set(FIELDS) == top - {"config", "posts_by_config"} - GROUP_CLASSES.keys() | inner - {
        "markdown.liquid",
        "markdown.language",
    }
    assert set(GROUPS) == GROUP_CLASSES.keys()


def test_nothing_is_listed_twice() -> None:
    """No two settings share a name, a flag, a variable or a name of other tools'."""
    names = list(FIELDS)
    flags = list(FLAGS.values())
    variables = [variable_of(name) for name in KINDS]
    aliases = [alias for field in FIELDS.values() for alias in field.row.aliases]
    for told in (names, flags, variables, aliases):
        assert len(told) == len(set(told))
    assert not set(aliases) & (set(names) - {"feeds"}) and set(SYNONYMS) >= set(aliases)
    summaries = [field.row.summary for field in FIELDS.values()]
    assert len(summaries) == len(set(summaries)), [text for text in summaries if summaries.count(text) > 1]


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_each_row_is_complete(name: str) -> None:
    """A sentence, an example, and what is allowed."""
    row = FIELDS[name].row
    assert re.search(r"(?<!e\.g)\.$", row.summary) and row.example and len(row.summary) < 200
    assert (row.kind is not None and row.kind.allowed) or row.allowed


def test_the_short_way_knows_every_flag_that_takes_a_value() -> None:
    """The run with nothing to do reads its arguments by itself: a flag that it did not know would cost the whole program."""
    assert {*FLAGS.values(), "--config", "--as-of"} == fastpath.VALUED


def test_the_page_is_made_of_the_rows() -> None:
    """`python -m feeds.settings.page > docs/settings.md` would change nothing."""
    assert PAGE.read_text(encoding="utf-8") == page.page()


# --- the page that describes them


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_example_of_the_page_works(tmp_path: Path, name: str) -> None:
    """Each example can be copied, and sets what it stands under."""
    example = page.example(name)
    (tmp_path / "posts").mkdir()
    settings = read(tmp_path, example)
    field = {"author": "authors", "feed": "feeds", "set": "sets", "show": "shows"}.get(name, name)
    assert name in re.sub(r"^\[(\w+)\]\n", r"\1.", example)
    target: object = settings
    for part in field.split("."):
        target = target[part] if isinstance(target, dict) else getattr(target, part)
    assert target not in (None, "", (), {}), "the example must show a value"


def test_first_example_of_the_page_works(site: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8").partition("## ")[0], re.DOTALL)
    assert len(blocks) == 1
    assert read(site, blocks[0]).authors == (Person("林夏"),)


@pytest.mark.parametrize("name", ["", " ", "\\u0001", "\\u001f"])
def test_a_person_needs_a_name_that_feeds_can_carry(site: Path, name: str) -> None:
    """The table's own name is the person's: an empty one is a mistake like any other."""
    messages = mistakes(site, f'[people."{name}"]\nurl = "https://a.example/"\n')
    assert len(messages) == 1 and "people" in messages[0]


def test_a_person_is_named_as_feeds_will_carry_it(site: Path) -> None:
    """Two writings of one name are one person said twice."""
    assert "张三" in str(read(site, '[people." 张三\\u001f"]\nurl = "https://a.example/"\n').people)
    messages = mistakes(site, '[people."张三"]\n[people." 张三"]\n')
    assert len(messages) == 1 and "twice" in messages[0]


@pytest.mark.parametrize("name", ["state", "output"])
@pytest.mark.parametrize("folder", ["/etc", "/", "/usr/lib", "/proc/self", "/etc/../var"])
def test_no_folder_of_the_operating_system_is_taken(tmp_path: Path, name: str, folder: str) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "feeds.toml").write_text(f'base_url = "https://example.net/"\n{name} = "{folder}"\n')
    with pytest.raises(SettingsError) as caught:
        load(config=tmp_path / "feeds.toml", environ={}, flags={}, cwd=tmp_path)
    assert "is a folder of the operating system" in str(caught.value)


@pytest.mark.parametrize(
    ("table", "key", "meant"),
    [("markdown", "footnote", "footnotes"), ("bounds", "post_second", "post_seconds"), ("paths", "rsss", "rss")],
)
@pytest.mark.parametrize("value", ["1", '"a"', "{ a = 1 }"])
def test_a_key_that_a_table_does_not_have_is_named_with_the_one_that_was_meant(
    site: Path, table: str, key: str, meant: str, value: str
) -> None:
    (mistake,) = mistakes(site, f"[{table}]\n{key} = {value}\n")
    assert key in mistake and f'did you mean "{meant}"?' in mistake


def test_a_list_of_categories_means_what_the_generator_takes_it_for(tmp_path: Path) -> None:
    """If `categories_mode` is not set; what is set counts."""
    (tmp_path / "posts").mkdir()
    for text, mode in (("hugo", "parallel"), ("hexo", "path"), ("plain", "path"), ('hugo"\ncategories_mode = "path', "path")):
        (tmp_path / "feeds.toml").write_text(f'base_url = "https://me.dev/"\ngenerator = "{text}"\n')
        assert load(config=tmp_path / "feeds.toml", environ={}, flags={}, cwd=tmp_path).categories_mode == mode
