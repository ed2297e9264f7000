"""Whether a post is public: in comes its front matter, out goes the reason that keeps it out, or a flag that cannot be read.

One table of keys and words for all generators and exports (docs/visibility.md lists it). What an author hides is never
published, and if a flag cannot be read, the post stays out and its author is told. Must not render or look at the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from feeds.lazy_patterns import lazy_pattern
from feeds.model import Value
from feeds.normal_forms import normal_form
from feeds.posts import flag_keys, spelling
from feeds.posts.flag_rules import RULES, Rule
from feeds.posts.flag_words import FALSE, LAYOUTS, OTHER_FALSE, OTHER_TRUE, TRUE, WORDS
from feeds.settings import Visibility
from feeds.text import without_invisible

#: Why a post is left out, by status; each is a sentence's end for people ("a.md: it is a draft").
REASONS: Mapping[str, str] = {
    "draft": "it is a draft",
    "unpublished": "its front matter says that it is not published",
    "unmarked": "its front matter does not say that it is published",
    "hidden": "its front matter hides it",
    "protected": "it is protected by a password or for members only",
    "feed-false": "its front matter keeps it out of feeds",
    "page": "it is a page, not a post",
    "empty": "it has neither title nor text yet",
    "copy": "it is a copy of another post",
    "section-page": "it is a section's own page, not a post",
    "no-date-in-name": "its file name does not begin with a date, so the generator does not read it as a post",
    "unread-markup": "its text is in a markup that is not read",
    "unreadable-flag": "it is not clear whether it is public",
}


#: What `type` is if the file is no post; other types are an author's own.
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(
        "page pages attachment revision navmenuitem tags tag categories category archives archive search about links friends 404 "
        "guestbook".split(), "page",
    ),
    **dict.fromkeys(("draft", "postdraft", "pagedraft"), "draft"),
    **dict.fromkeys(("private", "hidden"), "hidden"),
}  # fmt: skip
#: Keys that say how a page looks or what it is made from; `LAYOUTS` has the words that count.
_LAYOUT_KEYS = frozenset({"layout", "template", "kind"})
#: Hugo's `build` options (gohugo.io/content-management/build-options): the values with which a page is listed and rendered.
_BUILD: Mapping[str, frozenset[str]] = {
    "list": frozenset({"always", "true"}),
    "render": frozenset({"always", "true"}),
}
_BUILD_HIDES = frozenset({"never", "local", "link", "false"})
#: Tables in which generators and publishing tools keep the keys of a post.
_TABLES = frozenset({"params", "extra", "halo", "wp", "wordpress", "ghost", "typecho", "notion", "custom", "customfields"})
#: Tables that authors name themselves: a key in one hides, but says nothing if it cannot be read.
_OWN_TABLES = frozenset({
    "page", "post", "article", "entry", "meta", "metadata", "options", "config", "settings", "data", "attributes", "frontmatter",
    "properties", "props", "hugo", "hexo", "jekyll", "astro", "obsidian", "flags", "eleventycomputed",
})  # fmt: skip
#: What exports put before a key: `wp:post_status`, `is_draft`, `dg-publish`.
_PREFIX = lazy_pattern(r"(?:wp:?|dg|wordpress|typecho|ghost)?(?:is|post|page|article|entry|blog|content)?(?=.{2})")
#: Words that are near a key of ours by accident.
_OTHER_KEYS = frozenset({
    "publisher", "publishers", "craft", "drift", "graft", "statue", "blocked", "project", "projected", "interval", "listen",
    "gender", "sender", "tender", "reader", "dart", "raft", "list", "lists", "stats", "pirate", "passport",
    "passports",
})  # fmt: skip
#: Whose slips in a value still say what was meant.
_FLAGS: Mapping[str, bool] = {"true": True, "yes": True, "false": False}
#: Words that a key of kind "named" may hold by accident, e.g. `state: ME`.
_COMMON_WORDS = frozenset({"me", "no", "off", "0", "never", "none", "false", "self", "owner", "否"})
#: Keys that say for whom a post is, and words that mean its author there.
_OF_PEOPLE = frozenset(
    {"audience", "for", "only", "viewer", "viewers", "visibleto", "reader", "readers", "permission", "permissions"}
)
_ME = frozenset({"me", "self", "owner"})
#: Keys that say who may see a post, and words that mean few people there.
_OF_VIEWERS = frozenset({"viewer", "viewers", "visibleto", "permission", "permissions"})
_FEW = frozenset(
    {"admin", "admins", "administrator", "administrators", "staff", "team", "family", "employees", "editor", "editors"}
)
#: From what a key made of words hides: `exclude: [rss]`, `hidden_from: everyone`.
_FEEDS = frozenset({"rss", "feed", "feeds", "atom"})
_EVERYBODY = frozenset({"all", "everyone", "everybody", "everywhere", "public"})
#: Parts of a page that `hide: [toc, navigation]` hides (squidfunk.github.io/mkdocs-material); the page itself stays public.
_PAGE_PARTS = frozenset(
    {"toc", "navigation", "footer", "feedback", "tags", "path", "title", "date", "author", "sidebar", "header"}
)
#: A key that ends so is a password, whoever asks for it: `blog_password`.
_PASSWORD_ENDINGS = ("password", "passwd", "密码", "密碼")
_DATE = lazy_pattern(r"\d{4}")
_BLANKS = lazy_pattern(r"[\s_\-]+")
#: Words up to so many characters are remembered as they are folded.
_SHORT = 60


def reason(status: str, key: str = "") -> str:
    """Why a post is left out, as the end of a sentence; `key` is the front matter key that says so."""
    text = REASONS.get(status) or f"it is left out: {status}"
    return f"{text} ({shown(key)} in its front matter)" if key else text


class Doubt(NamedTuple):
    """A flag that cannot be read: the key as written, what is wrong, what was expected, and the fix."""

    key: str
    what: str
    expected: str
    fix: str


class Verdict(NamedTuple):
    """`status` is "out", or why the post is not public (REASONS); `key` the key that says so, as written ("" if none)."""

    status: str
    key: str = ""
    doubts: tuple[Doubt, ...] = ()


OUT = Verdict("out")


@lru_cache(4096)
def key_name(key: str) -> str:
    """A key as the table has it: `_build`, `Post_Status`, `wp:post_status` and `isDraft` are build, status and draft."""
    folded = fold(key)
    if folded in RULES:
        return folded
    match = _PREFIX.match(folded)
    rest = folded[match.end() :] if match else folded
    return rest if rest in RULES else folded


def fold(word: str) -> str:
    """A key or word without what is not seen, without case, width, blanks, dashes and underscores."""
    return _folded(word) if len(word) <= _SHORT else _fold(word)


def _fold(word: str) -> str:
    if not word.isascii():
        word = normal_form("NFKC", without_invisible(word))
    return _BLANKS.sub("", word.casefold())


#: Every post of a site has the same keys and flags.
_folded = lru_cache(2048)(_fold)


def flag(value: Value) -> bool | None:
    """What a flag says; None if it says neither."""
    word = fold(value) if isinstance(value, str) else ""
    return True if word in TRUE else False if word in FALSE else None


def empty(value: Value) -> bool:
    """Whether a key has no value, as a template leaves it."""
    return value is None or (isinstance(value, str) and not value.strip())


def read(front_matter: Mapping[str, Value], terms: Iterable[str], settings: Visibility) -> Verdict:
    """Whether a post is public by its front matter; every key counts, whatever its spelling. `terms` are its categories and tags.

    A key that hides wins over one that shows, one that cannot be read over both.
    """
    own, ignored = _folded_all(settings.hidden_keys), _folded_all(settings.ignored_keys)
    public_words, required = _folded_all(settings.public_words), _folded_all(settings.required_keys)
    hidden = OUT
    doubts: list[Doubt] = []
    shown = not required
    for key, value, certain in _all(front_matter):
        name = key_name(key)
        if fold(key) in required or name in required:
            shown = shown or flag(value) is True
        if fold(key) in ignored or name in ignored or empty(value):
            continue
        meant, rule = (name, Rule("secret", "hidden")) if fold(key) in own else _rule(name, key, value)
        if rule is None:
            continue
        status = _status(rule, meant, value, public_words)
        if meant != name:
            if status != "out":
                doubts.append(_doubt_of_spelling(key, meant, value))
        elif isinstance(status, Doubt):
            if certain:
                doubts.append(status._replace(key=key))
        elif status != "out" and hidden is OUT:
            hidden = Verdict(status, key)
    if doubts:
        return Verdict("unreadable-flag", doubts[0].key, tuple(doubts))
    if hidden is OUT and settings.hidden_terms:
        names = _folded_all(settings.hidden_terms)
        term = next((term for term in terms if fold(term) in names), None)
        hidden = OUT if term is None else Verdict("hidden", term)
    if hidden is OUT and not shown:
        return Verdict("unmarked", settings.required_keys[0])
    return hidden


@lru_cache(32)
def _folded_all(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold, words))


def hides(key: str, value: str) -> bool:
    """Whether a line `key: value` would keep a post out; for text that was not read as front matter."""
    name = key_name(key)
    value = value.strip().strip("\"'“”‘’,;")
    name, rule = _rule(name, key, value)
    if rule is None or empty(value) or len(value.split()) > 3:
        return False
    if rule.kind == "word":
        return WORDS.get(fold(value), "out") != "out"
    status = _status(rule, name, value, frozenset())
    return status != "out"


def _all(front_matter: Mapping[str, Value]) -> Iterator[tuple[str, Value, bool]]:
    """Each key and its value, and whether it is a mistake if the value cannot be read."""
    for key, value in front_matter.items():
        table = fold(key) if isinstance(value, dict) else ""
        if isinstance(value, dict) and table in _TABLES:
            yield from ((inner, item, True) for inner, item in value.items())
            continue
        yield key, value, True
        if isinstance(value, dict):
            # A password counts in any table.
            rules = ((inner, item, RULES.get(key_name(inner))) for inner, item in value.items())
            yield from (
                (inner, item, False)
                for inner, item, rule in rules
                if (rule is not None and rule.kind == "value")
                or (table in _OWN_TABLES and (rule is None or rule.status != "page"))
            )


def _rule(name: str, key: str, value: Value) -> tuple[str, Rule | None]:
    """The rule of a key: that of the table, else of the words that it is made of, else of the key that was mistyped.

    The name is that of the key that was meant.
    """
    rule = RULES.get(name)
    if rule is None and (result := flag_keys.meaning(fold(key))) is not None:
        status = _status_of_made(*result, value)
        rule = Rule("made", status) if status != "out" else None
    if rule is None and not name.isascii() and WORDS.get(name, "out") != "out":
        rule = Rule("made", WORDS[name]) if flag(value) else None
    if rule is None and name.endswith(_PASSWORD_ENDINGS) and isinstance(value, str) and flag(value) is not False:
        rule = Rule("value", "protected")
    return (name, rule) if rule is not None else _misspelt(name, value) or (name, None)


def _status_of_made(kind: str, status: str, value: Value) -> str:
    """What the value of a key says that is made of words: another value than a flag or a word that hides says nothing."""
    value_as_flag = flag(value)
    word = fold(value) if isinstance(value, str) else ""
    if value_as_flag is None and word in OTHER_TRUE | OTHER_FALSE:
        value_as_flag = word in OTHER_TRUE
    if kind == "value":
        return status if value_as_flag is not False else "out"
    if value_as_flag is None and word in ("only", "required", "needed"):
        value_as_flag = kind == "hides"
    if value_as_flag is not None:
        return status if value_as_flag is (kind == "hides") else "out"
    words = {fold(item) for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)}
    if kind == "hides" and words & (_FEEDS | _EVERYBODY):
        return status if words & _EVERYBODY else "feed-false"
    return "out" if word in _COMMON_WORDS - {"never", "none"} else WORDS.get(word, "out")


def _status(rule: Rule, name: str, value: Value, public_words: frozenset[str]) -> str | Doubt:
    if rule.kind == "build":
        return _build(value)
    if rule.kind == "address":
        return _address(value)
    if rule.kind == "made":
        return rule.status
    if rule.kind == "named":
        words = _TYPES if rule.status == "page" else LAYOUTS if name in _LAYOUT_KEYS else WORDS
        common = _COMMON_WORDS if name not in _OF_PEOPLE else _COMMON_WORDS - _ME
        said_words = [fold(item) for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
        results = [words.get(word, "out") for word in said_words if word not in common]
        results += ["hidden" for word in said_words if name in _OF_VIEWERS and word in _FEW]
        return next((status for status in results if status != "out"), "out")
    if name in ("feed", "rss") and isinstance(value, dict):
        # jekyll-feed has options there, e.g. `feed: {excerpt_only: true}`.
        out = {fold(key): flag(part) for key, part in value.items()}
        hidden = any(out.get(name) for name in ("exclude", "hidden", "disable", "disabled"))
        hidden = hidden or out.get("enabled") is False or out.get("include") is False
        return rule.status if hidden else "out"
    if name == "hide" and isinstance(value, list) and {fold(item) for item in value if isinstance(item, str)} <= _PAGE_PARTS:
        return "out"
    if rule.kind == "value":
        return rule.status
    value_as_flag = flag(value)
    if rule.kind == "secret":
        return "out" if value_as_flag is False else rule.status
    word = fold(value) if isinstance(value, str) else ""
    if word in public_words:
        return "out"
    if rule.kind == "word":
        status = WORDS.get(word)
        if status is not None:
            return status
        return Doubt("", f"{shown(value)} is not a word that says whether the post is public", "published or draft",
                     "write published or draft, or name the word in visibility.public_words")  # fmt: skip
    if value_as_flag is not None:
        return rule.status if value_as_flag is (rule.kind == "hides") else "out"
    status = WORDS.get(word, "out")
    if status != "out":
        return status
    if rule.kind == "shows" and (known_public(word) or (isinstance(value, str) and _DATE.search(value))):
        return "out"
    keep, publish = ("true", "false") if rule.kind == "hides" else ("false", "true")
    return Doubt("", f"{shown(value)} is neither true nor false", "true or false",
                 f"write {keep} to keep the post out, or {publish} to publish it")  # fmt: skip


def known_public(word: str) -> bool:
    """Whether a folded word says that a post is public."""
    return WORDS.get(word) == "out"


def _build(value: Value) -> str | Doubt:
    """Hugo's `build`: with `list: never` or `local` a page is in no list, with `render: never` or `link` it has no page."""
    if not isinstance(value, dict):
        value_as_flag = flag(value)
        if value_as_flag is not None or (isinstance(value, str) and fold(value) in _BUILD_HIDES):
            return "out" if value_as_flag else "hidden"
        return Doubt("", f"{shown(value)} is not a table of build options", "list and render", "write build: {list: never}")
    status: str | Doubt = "out"
    for key, item in value.items():
        name, word = fold(key), fold(item) if isinstance(item, str) else ""
        if name not in _BUILD or empty(item) or word in _BUILD[name] or flag(item):
            continue
        if word in _BUILD_HIDES or flag(item) is False:
            return "hidden"
        status = Doubt("", f"{shown(item)} is not a value of build.{name}", "always or never", f"write {name}: always or never")
    return status


def _address(value: Value) -> str:
    """`permalink: false` and `permalink: {build: false}` of Eleventy, `url: false` of Lume: a page that is not written."""
    built = next((item for key, item in value.items() if fold(key) == "build"), None) if isinstance(value, dict) else value
    return "unpublished" if isinstance(built, str) and fold(built) == "false" else "out"


def _misspelt(name: str, value: Value) -> tuple[str, Rule] | None:
    """The flag that was mistyped (`darft: true`), if its value would keep the post out: its name in the table and its rule."""
    if not isinstance(value, str):
        return None
    for right_name in _near(name):
        rule = RULES[right_name]
        status = _status(rule, right_name, value, frozenset())
        if isinstance(status, Doubt):
            flag_meant = _flag_meant(fold(value))
            status = rule.status if flag_meant is not None and flag_meant is (rule.kind == "hides") else "out"
        if status != "out" and (rule.kind != "secret" or flag(value)):
            return right_name, rule
    return None


def _flag_meant(word: str) -> bool | None:
    """What a mistyped true, yes or false means; None for other words."""
    return next(
        (meaning for right_word, meaning in _FLAGS.items() if len(word) > 2 and spelling.one_slip(word, right_word)), None
    )


@lru_cache(4096)
def _near(name: str) -> tuple[str, ...]:
    """The keys of the table for which a name may be a slip; none for short names and for other words."""
    if name in spelling.ALIKE:
        return (spelling.ALIKE[name],)
    return _mistypable().near(name) if len(name) > 3 and name not in _OTHER_KEYS else ()


@lru_cache(1)
def _mistypable() -> spelling.Words:
    """The keys of the table for which another word may be a slip."""
    return spelling.Words(
        name for name, rule in RULES.items() if len(name) > 4 and rule.kind not in ("named", "build", "address")
    )


def _doubt_of_spelling(key: str, meant: str, value: Value) -> Doubt:
    written = shown(value).strip('"')
    return Doubt(key, f"{shown(key)} is not a key that is read, but it looks like {meant}", f"{meant}: {written}",
                 f"write {meant}, or name {shown(key)} in visibility.ignored_keys")  # fmt: skip


def shown(value: Value) -> str:
    """A value for a message: short, in one line, without control characters."""
    if isinstance(value, str):
        return f'"{" ".join("".join(item if item.isprintable() else " " for item in value[:200]).split()):.60}"'
    return "a list" if isinstance(value, list) else "a table" if isinstance(value, dict) else "nothing"
