"""What an author hides is never published: every key and word, in any spelling; what cannot be read keeps the post out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from feeds.build import run
from feeds.build.published_posts import why_left_out
from feeds.dialects import by_name
from feeds.errors import PostError, Problem
from feeds.posts import flag_rules, flag_words, metadata, read, visibility
from feeds.posts.header import Header
from feeds.settings import Settings, Visibility
from feeds.settings.site_facts import site_facts

SETTINGS = Settings(base_url="https://example.org/", posts=Path("p"), output=Path("o"), state=Path("s"))
PAGE = Path(__file__).parents[1] / "docs" / "visibility.md"


def header(front: str, **own: tuple[str, ...]) -> Header:
    """The metadata of a post with this front matter, under a [visibility] table."""
    settings = replace(SETTINGS, visibility=Visibility(**own))  # type: ignore[arg-type]
    whole = front if front.startswith(("+++", "{", ";;;")) else f"---\ntitle: x\ndate: 2020-01-01\n{front}\n---\n"
    post = read.parse("a.md", (whole + "SECRET").encode(), settings.encodings, settings.bounds)
    return metadata.read(post, settings, by_name("plain"), site_facts(settings))


def errors(found: Header) -> list[Problem]:
    return [problem for problem in found.problems if problem.severity == "error"]


PROTECTED = """
password: mikemessi
password: 2023
password: false
Password: "x"
encrypted: true
encrypt: true
encrypt: abc
protected: true
post_password: x
wp:post_password: x
access: members
access: paid
visibility: members
visibility: password
members_only: true
加密: 是
密码: abc
view_password: abc
articlePassword: abc
encryption-key: abc
obfuscate: x
use_secret: POSTS
会员专享: true
回复可见: 是
template: protected
members: only
login_required: true
for_members: true
security: {password: abc}
访问口令: abc
need_password: true
accessCode: 1234
tier: paid
tiers: [members]
layout: encrypted
blog_password: abc
文章访问密码: abc
readers: members
auth: required
login: required
subscription: required
restrict_to: members
"""
HIDDEN = """
unlisted: true
headless: true
hidden: true
hide: yes
private: true
isPrivate: true
private: 是
secret: true
secret: abc
visibility: private
visibility: 私密
visible: PRIVATE
visible: false
public: false
listed: no
build: {list: never}
build: {list: local, render: always}
build: {render: never}
build: {render: link}
_build: {list: never, render: never}
_build: {list: false}
build: never
build: false
hideInList: true
公开: 否
status: private
post_status: private
private_post: true
hidePost: yes
only_me: true
options: {unlisted: true}
eleventyComputed: {hidden: true}
page: {hidden: true}
仅自己可见: true
versteckt: ja
privé: oui
oculto: sí
скрыть: да
nascosto: ✓
gizli: evet
비공개: true
inList: false
friends_only: true
only_staff: yes
internal-only: true
audience: me
for: me
scope: private
layout: private
visible_to: me
sensitivity: confidential
type: private
intranet: true
for_internal_use: true
_discoverable: no
make_discoverable: false
me-only: true
仅自己: true
限定公開: true
hidden_from: everyone
permissions: [admin]
security: usemask
"""
DRAFT = """
draft: true
Draft: TRUE
DRAFT: Yes
draft: on
draft: "true"
draft: 是
draft: ｔｒｕｅ
is_draft: true
isDraft: true
status: draft
status: 草稿
post_status: draft
wp:status: draft
wp:status: auto-draft
状态: 草稿
published: 草稿
type: post_draft
dr\u200baft: true
params: {draft: true}
halo: {status: draft}
save_as_draft: true
draftMode: on
brouillon: true
phase: draft
metadata: {status: draft}
status: Entwurf
finished: false
complete: no
not_done: true
utkast: ja
nháp: true
未完成: true
workflow_status: draft
kind: draft
"""
UNPUBLISHED = """
published: false
publish: false
published: no
发布: 否
status: pending
status: trash
status: 待审核
status: future
status: archived
post_status: inherit
isPublished: false
dg-publish: false
render: false
enabled: off
deleted: true
not_published: true
show: false
isShow: 否
online: false
released: false
show_in_list: false
excluded: true
ignorePost: true
scheduled: true
permalink: false
permalink: {build: false}
trash: true
routable: false
ShouldOutput: false
url: false
deleted_at: 2021-01-01
delete: true
review_status: pending
moderation: pending
不要发布: true
待发布: 是
in_review: true
review: pending
publié: non
openbaar: nee
опубликовано: нет
공개: false
"""
FEED = """
feed: false
rss: no
eleventyExcludeFromCollections: true
hiddenFromRss: true
feed: {exclude: true}
skip_rss: true
hide_from_rss_feed: true
atom: false
feed: {disable: true}
exclude: [rss, sitemap]
hiddenFrom: feed
article: false
"""
PAGES = """
type: page
post_type: page
type: attachment
type: tags
"""
UNREADABLE = """
draft: ture
draft: 2
draft: [true]
draft: [false]
draft: {a: b}
draft: true,
draft: Yes!
draft: maybe
draft: published
published: flase
published: never mind
published: [false]
published: soon
private: ja
hidden: vielleicht
status: publishd
status: [draft]
status: 未知
status: wizard
visibility: {a: b}
visibility: some people
access: [admin]
build: {list: sometimes}
build: 12
darft: true
drfat: true
darf: true
draaft: yes
darft: ture
hdien: true
pubilshd: flase
草搞: true
publised: false
passwrod: x
staus: draft
unlistd: true
"""
PUBLIC = """
dart: true
passport: x
product: true
stats: hidden
list: false
加粗: true
公式: false
draft: false
draft: no
draft: 0
draft: 否
draft:
draft: ~
draft: ""
published: true
published: 2020-01-01
published: 2020-01-01 10:00
publish: yes
status: publish
status: Published
status: 已发布
status: public
status:
post_status: publish
visibility: public
visibility: PUBLIC
visible: PUBLIC
access: public
password: ""
password:
password: ~
post_password: ""
encrypted: false
encrypt: no
private: false
hidden: 0
unlisted: false
build: {list: always, render: always, publishResources: true}
build: {publishResources: false}
_build: {}
type: post
type: tech
type: [a, b]
state: California
state: ME
audience: beginners
audience: none
stage: 2
feed: true
feed: {excerpt_only: true}
cover: {hidden: true}
menu: {draft: true}
hide: [toc, navigation]
publisher: "no"
craft: true
project: true
interval: 1
layout: post
layout: review
wifi_password: false
comments: false
noindex: true
sitemap: false
robots: noindex
permissions: 3
hide_title: true
hiddenFromHomePage: true
show_toc: false
rss_feed: https://example.org/feed
rss_only: false
scheduled: 2031-01-01
show: Monty Python
released: 2020-01-01
members: [a, b]
published_in: Journal
meta: {type: page}
data: {status: 200}
options: {hide: x}
no: true
article: a/b
permalink: /a/
permalink: true
review: true
review: 5 stars
friends: true
author: only
team: A
for: beginners
concept: ja
tier: 1
level: private
archived: true
publish_date: 2019-01-01
security: high
url: /a/
deleted_at:
deleted_at: false
未完成: false
会员: 陈
kind: review
template: page.html
exclude: [sitemap]
hidden_from: [home]
audience: admins
permissions: [write]
routable: true
membership: open
"""


def cases(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


@pytest.mark.parametrize(
    ("front", "status"),
    [
        (front, status)
        for text, status in (
            (PROTECTED, "protected"), (HIDDEN, "hidden"), (DRAFT, "draft"), (UNPUBLISHED, "unpublished"), (FEED, "feed-false"), (PAGES, "page"),
        )
        for front in cases(text)
    ],
)  # fmt: skip
def test_what_hides_a_post(front: str, status: str) -> None:
    """Left out with the reason, in whatever spelling; nothing is wrong with such a post."""
    found = header(front)
    assert found.status == status and not errors(found)
    assert found.status in visibility.REASONS and found.status_key


@pytest.mark.parametrize("front", cases(UNREADABLE))
def test_a_flag_that_cannot_be_read_keeps_the_post_out(front: str) -> None:
    """And it is an error with its line, what was expected and a fix."""
    found = header(front)
    assert found.status == "unreadable-flag"
    [problem] = errors(found)
    assert problem.code == "flag" and problem.line == 4 and problem.field == front.partition(":")[0]
    assert problem.fix and "stays out" in problem.what


@pytest.mark.parametrize("front", cases(PUBLIC))
def test_what_hides_nothing(front: str) -> None:
    found = header(front)
    assert (found.status, errors(found)) == ("out", [])


@pytest.mark.parametrize(
    "front",
    [
        "+++\ntitle = 'x'\ndraft = true\n+++\n", "+++\ntitle = 'x'\n[params]\nprivate = true\n+++\n", "+++\ntitle='x'\n[build]\nlist = 'never'\n+++\n",
        '{"title": "x", "draft": true}\n', '{"title": "x", "visibility": "members", "status": "published"}\n', ';;;\n"title": "x", "password": 123\n;;;\n',
        '{"title": "x", "status": "draft", "visibility": "public"}\n',
    ],
)  # fmt: skip
def test_in_every_form_of_front_matter(front: str) -> None:
    assert header(front).status != "out"


@pytest.mark.parametrize(
    "front",
    ["draft: false\nDraft: true", "Draft: true\ndraft: false", "published: true\npassword: x", "draft: fasle\nhidden: false"],
)
def test_one_key_that_hides_is_enough(front: str) -> None:
    """Whatever other keys say, and whatever the order."""
    assert header(front).status != "out"


@pytest.mark.parametrize("key", ["embargo", "publish_after", "go-live", "scheduledFor", "hidden_until", "visible-after"])
def test_an_embargo_puts_a_post_off_whatever_its_date_is(key: str) -> None:
    found = header(f"{key}: 2031-05-06")
    assert (found.published, found.dated_by) == (datetime(2031, 5, 6, tzinfo=UTC), key)
    assert header(f"{key}: 2019-05-06").published == datetime(2020, 1, 1, tzinfo=UTC)
    assert [problem.code for problem in errors(header(f"{key}: 2031-31-31"))] == ["date"]


@pytest.mark.parametrize("generator", ["hexo", "jekyll", "pelican", "zola", "nikola", "eleventy", "obsidian"])
@pytest.mark.parametrize("key", ["publishDate", "pubdate", "publish_date"])
def test_a_date_of_publishing_to_come_counts_whatever_the_generator_reads(generator: str, key: str) -> None:
    """One that has passed does not move the post's own date."""
    settings = replace(SETTINGS, generator=generator)
    dialect, site = by_name(generator), site_facts(settings)
    path = "_posts/2020-01-01-a.md" if generator == "jekyll" else "a.md"

    def read_with(date: str) -> Header:
        raw = f"---\ntitle: x\ndate: 2020-01-01\n{key}: {date}\n---\nx"
        post = read.parse(path, raw.encode(), settings.encodings, settings.bounds)
        return metadata.read(post, settings, dialect, site)

    # A page of Hexo's or Eleventy's by its folder or tags, which is not what is looked at here.
    header = read_with("2031-05-06")._replace(status="out")
    left_out = why_left_out(header, datetime(2026, 1, 1, tzinfo=UTC), "Asia/Shanghai")
    assert left_out is not None and left_out.what == "it is scheduled for 2031-05-06 08:00 (Asia/Shanghai)"
    assert read_with("2019-05-06").published == datetime(2020, 1, 1, tzinfo=UTC)
    assert read_with("2019-05-06").visible_from is None


@pytest.mark.parametrize(
    ("front", "hour", "reason"),
    [
        ("date: 2026-01-01 10:00:00", 9, "scheduled"), ("date: 2026-01-01 10:00:00", 10, None), ("date: 2026-01-01 10:00:01", 10, "scheduled"),
        ("date: 2020-01-01\nembargo: 2026-01-01 10:00:00", 9, "scheduled"), ("date: 2020-01-01\nembargo: 2026-01-01 10:00:00", 10, None),
        ("date: 2020-01-01\nexpires: 2026-01-01 10:00:00", 9, None), ("date: 2020-01-01\nexpires: 2026-01-01 10:00:00", 10, "expired"),
        ("date: 2020-01-01\nexpires: 2026-01-01 10:00:01", 10, None), ("date: 2026-01-01 10:00:00\ndraft: true", 9, "draft"),
    ],
)  # fmt: skip
def test_to_the_second_a_post_comes_and_goes(front: str, hour: int, reason: str | None) -> None:
    """It is there from its first second on, and gone from the second of its end; the next build is due at that very instant."""
    raw = f"---\ntitle: x\n{front}\n---\nx"
    post = read.parse("a.md", raw.encode(), SETTINGS.encodings, SETTINGS.bounds)
    found = metadata.read(post, SETTINGS, by_name("plain"), site_facts(SETTINGS))
    left_out = why_left_out(found, datetime(2026, 1, 1, hour, tzinfo=UTC), "UTC")
    assert (None if left_out is None else left_out.reason) == reason
    if left_out is not None and reason == "scheduled":
        assert left_out.until is not None and left_out.until.hour == 10


@pytest.mark.parametrize("value", ["never", "Never", "false", "none", "永不", '""'])
def test_a_post_may_say_that_it_does_not_expire(value: str) -> None:
    """As authors write it; any other text is a date that cannot be read, so that the post stays out."""
    assert header(f"expires: {value}").expires is None and errors(header(f"expires: {value}")) == []
    assert [problem.code for problem in errors(header("expires: soon"))] == ["date"]


@pytest.mark.parametrize("generator", ["hugo", "zola"])
def test_a_date_of_expiry_counts_whatever_the_generator_reads(generator: str) -> None:
    settings = replace(SETTINGS, generator=generator)
    raw = b"+++\ntitle = 'x'\ndate = 2020-01-01\nexpires = 2021-01-01\n+++\nx"
    post = read.parse("posts/a.md", raw, settings.encodings, settings.bounds)
    found = metadata.read(post, settings, by_name(generator), site_facts(settings))
    assert found.expires is not None


def test_keys_that_end_a_generators_own_front_matter_are_never_text() -> None:
    """Python-Markdown's metadata end at a key that is not ASCII; what is hidden below it is hidden."""
    own_form = partial(by_name("pelican").front_matter, site=site_facts(replace(SETTINGS, generator="pelican")))
    forms = read.Forms(own_form=own_form)
    for raw in (
        "title: x\n状态: 私密\n\ntext",
        "---\ntitle: x\n作者: y\nStatus: draft\n---\ntext",
        "标题: x\n状态: 草稿\n\ntext",
    ):
        with pytest.raises(PostError) as caught:
            read.parse("a.md", raw.encode(), SETTINGS.encodings, SETTINGS.bounds, forms)
        assert caught.value.problem.code == "front-matter-unread" and caught.value.problem.line in (1, 2, 4)
    for raw in ("title: x\n\nprivate: ask me", "title: x\nBy 魏: hello\n\ntext"):
        assert read.parse("a.md", raw.encode(), SETTINGS.encodings, SETTINGS.bounds, forms).body


def test_a_site_adds_keys_words_and_terms() -> None:
    assert header("members: gold", hidden_keys=("members",)).status == "hidden"
    assert header("Family_Only: yes", hidden_keys=("family-only",)).status == "hidden"
    assert header("members: false", hidden_keys=("members",)).status == "out"
    assert header("tags: [a, Diary]", hidden_terms=("diary",)).status == "hidden"
    assert header("categories: 日记", hidden_terms=("日记",)).status == "hidden"
    assert header("status: evergreen", public_words=("Evergreen",)).status == "out"
    assert header("status: evergreen").status == "unreadable-flag"
    assert header("type: page\nstatus: x", ignored_keys=("type", "status")).status == "out"
    assert header("publish: true", required_keys=("publish",)).status == "out"
    for front in ("publish: false", "publish: maybe", "publish:", "tags: a"):
        assert header(front, required_keys=("publish",)).status != "out"


def test_a_hidden_post_is_left_out_and_its_other_mistakes_end_no_build(tmp_path: Path) -> None:
    """Nothing of it is published, the reason is told, and a broken date in a draft is a warning."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for name, front in {
        "good": "",
        "locked": "password: PASSWORD-locked\ntags: [SECRETTAG]",
        "draft": "draft: true\nupdated: never",
    }.items():
        (posts / f"{name}.md").write_text(f"---\ntitle: TITLE-{name}\ndate: 2020-01-01\n{front}\n---\nBODY-{name}", "utf-8")
    settings = replace(SETTINGS, posts=posts, output=tmp_path / "public", state=tmp_path / "state", workers=1)
    outcome = run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    assert outcome.exit_code == 0
    left_out = {one.path: (one.reason, one.what) for one in outcome.built.publication.left_out}
    assert left_out["locked.md"] == (
        "protected",
        'it is protected by a password or for members only ("password" in its front matter)',
    )
    assert left_out["draft.md"][0] == "draft"
    published = b"".join(path.read_bytes() for path in sorted((tmp_path / "public").rglob("*")) if path.is_file())
    assert b"BODY-good" in published
    for word in (b"BODY-locked", b"TITLE-locked", b"SECRETTAG", b"PASSWORD-locked", b"BODY-draft", b"TITLE-draft"):
        assert word not in published


def test_a_published_post_whose_flag_becomes_unreadable_is_withdrawn(tmp_path: Path) -> None:
    """Its last good version does not stay, as that of a broken post does: its author meant to hide it."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for name in "abcde":
        (posts / f"{name}.md").write_text(f"---\ntitle: {name}\ndate: 2020-01-01\n---\nBODY-{name}", "utf-8")
    settings = replace(SETTINGS, posts=posts, output=tmp_path / "public", state=tmp_path / "state", workers=1)
    run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    (posts / "a.md").write_text("---\ntitle: a\ndate: 2020-01-01\ndraft: ture\n---\nBODY-a", "utf-8")
    outcome = run.publish(settings, datetime(2026, 1, 2, tzinfo=UTC))
    assert outcome.exit_code == 1
    assert [one.reason for one in outcome.built.publication.left_out] == ["unreadable-flag"]
    assert "BODY-a" not in (tmp_path / "public" / "atom.xml").read_text("utf-8")


def test_the_page_lists_every_key_and_word() -> None:
    """docs/visibility.md is the table: nothing hides a post that it does not name."""
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`\n]+)`", text))
    assert flag_rules.RULES.keys() - named == set()
    assert flag_words.WORDS.keys() - named == set()
    assert visibility.REASONS.keys() - named == set()
