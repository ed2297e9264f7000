"""Front matter keys that say what an entry shows, and names that are nearly one of ours: in comes a key, out goes what was meant.

Written as `fold_key` folds them. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from feeds import text
from feeds.dialects.base import Keys
from feeds.model import Post, Value
from feeds.posts import flag_rules, spelling

SUMMARIES = ("description", "summary", "excerpt", "abstract", "desc")
IMAGES = (
    "thumbnail", "headimg", "cover", "coverimage", "coverimg", "image", "img", "banner", "bannerimg", "indeximg",
    "featuredimage", "featureimage", "featureimg", "featured", "heroimage", "hero", "ogimage", "photos", "images", "topimg",
    "thumb", "thumbnailurl", "pic",
)  # fmt: skip
ENCLOSURES = (
    "enclosure", "enclosures", "audio", "podcast", "attachments", "audiourl", "audiofile",
    "podcastfile", "podcasturl", "episodefile",
)  # fmt: skip
#: Of a podcast's episode (feeds.build.entries.episode).
EPISODE_KEYS = (
    "episode", "episodenumber", "season", "seasonnumber", "seasonname", "episodetype", "episodetitle", "episodeimage",
    "episodecover", "duration", "explicit", "transcript", "transcripts", "chapters", "hosts", "guests", "people", "persons",
    "episodedisplay", "soundbite", "soundbites", "alternateenclosure", "alternateenclosures", "licenseurl",
)  # fmt: skip
LANGUAGES = ("language", "lang", "locale")
#: The keys that people type most, of which a mistyped one is reported; as they are usually written.
USUAL = {
    **{name: name for name in (
        "title", "date", "tags", "categories", "category", "author", "authors", "description", "summary", "excerpt", "slug",
        "permalink", "updated", "modified", "cover", "thumbnail", "image", "language", "expires", "enclosure", "published",
    )},
    "lastmod": "lastmod", "publishdate": "publishDate", "expirydate": "expiryDate", "featuredimage": "featured_image",
}  # fmt: skip
#: Usual keys in the words of an author's own language.
_TRANSLATED = {
    written: key
    for key, names in {
        "title": "标题 標題 题目 タイトル titel überschrift titre título titolo заголовок",
        "date": "日期 发布日期 發佈日期 时间 時間 发布时间 日付 datum veröffentlichungsdatum fecha дата",
        "tags": "标签 標籤 タグ schlagwörter schlagworte stichwörter stichworte étiquettes motsclés etiquetas теги метки",
        "categories": "分类 分類 类别 カテゴリ kategorie kategorien catégorie catégories categoría categorías categorie "
        "категория категории",
        "author": "作者 著者 autor autorin auteur autore автор",
        "description": "摘要 描述 简介 概要 beschreibung zusammenfassung résumé resumen описание",
        "cover": "封面 titelbild",
        "language": "语言 語言 sprache langue idioma язык",
        "updated": "更新 更新日期 更新时间 修改时间 aktualisiert geändert",
    }.items()
    for written in names.split()
}
#: Words that are one slip away from a usual key and mean something else.
_OTHERS = frozenset({
    "subtitle", "titles", "titled", "dated", "dates", "update", "updates", "images", "covers", "tabs", "tagline", "slugs",
    "states", "excerpts", "tidy", "tile", "tiles", "little", "languages", "enclosures", "summaries", "gate", "late", "over",
    "tithe",
})  # fmt: skip


@lru_cache(8)
def all_known(keys: Keys) -> frozenset[str]:
    """Every key that is read, folded."""
    named = (getattr(keys, name) for name in Keys.__dataclass_fields__)
    listed = (SUMMARIES, IMAGES, ENCLOSURES, LANGUAGES, EPISODE_KEYS, USUAL, *named)
    return frozenset(name for names in listed for name in names) | flag_rules.RULES.keys()


#: Too short to be compared; they count where the value is a date (`feeds.posts.hints`).
_SHORT_SLIPS = frozenset({"dat", "dae", "dte"})


@lru_cache(4096)
def meant(name: str) -> str | None:
    """The usual key for which a folded name is a slip, as it is usually written; None if there is none."""
    if name in _TRANSLATED:
        return _TRANSLATED[name]
    if name in _SHORT_SLIPS:
        return "date"
    if len(name) < 4 or name in _OTHERS or name in USUAL:
        return None
    for right_name in _usual_words().near(name):
        replaced = len(right_name) == len(name) and sorted(right_name) != sorted(name)
        # In a short word another letter makes another word.
        if not replaced or len(right_name) >= 6 or right_name == "title" or (name, right_name) == ("data", "date"):
            return USUAL[right_name]
    return None


@lru_cache(1)
def _usual_words() -> spelling.Words:
    return spelling.Words(name for name in USUAL if len(name) > 3)


def misspelt(names: Collection[str], known: Collection[str]) -> dict[str, str]:
    """The folded names that are nearly a usual key which is not among them: name -> the key that was meant."""
    results = {}
    for name in names:
        if name not in known and (key := meant(name)) is not None and key.casefold().replace("_", "") not in names:
            results[name] = key
    return results


#: Keys up to so many characters are remembered as they are folded.
_SHORT = 60


def fold_key(key: str) -> str:
    """`featured_image`, `featured-image` and `featuredImage` are one key; characters that are not seen do not count."""
    return _folded_key(key) if len(key) <= _SHORT else _fold_key(key)


def _fold_key(key: str) -> str:
    return text.without_invisible(key).casefold().replace("_", "").replace("-", "").strip()


#: Every post of a site has the same keys.
_folded_key = lru_cache(2048)(_fold_key)


def folded(post: Post) -> dict[str, tuple[str, Value]]:
    """The front matter by folded key: (key as written, value). The first of two spellings wins."""
    keys: dict[str, tuple[str, Value]] = {}
    for key, value in post.front_matter.items():
        keys.setdefault(fold_key(key), (key, value))
    return keys


def strings(value: Value) -> Iterator[str]:
    """The texts in a value, lists flattened, empty ones left out."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        yield from strings(value.get("name") or value.get("title") or value.get("slug"))
