"""What a front matter key says that is put together of words: `save_as_draft`, `hidePost`, `skip_rss`, `not_published`.

The table of `visibility` lists keys that generators and exports have; themes and authors make their own of the same words. A key
counts only if all of it is made of the words here: `hide_title` and `show_toc` say nothing of the post.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

#: Words by what they say of the post.
_WORDS: Mapping[str, str] = {
    word: kind
    for kind, words in {
        "draft": "draft drafted wip unfinished incomplete todo 草稿 entwurf brouillon borrador rascunho bozza utkast luonnos "
        "taslak nháp szkic koncept черновик 下書き 초안",
        "done": "finished finalised finalized complete completed done reviewed",
        "hidden": "onlyme selfonly meonly onlyself internal intranet "
        "hide hidden private unlisted invisible secret confidential delisted nonpublic restricted "
        "personal stealth 私密 隐藏 隱藏 versteckt privat privatny nichtöffentlich caché cachée privé privée oculto oculta "
        "privado privada nascosto nascosta privato privata verborgen prive dold skjult piilotettu gizli özel ukryty prywatny "
        "скрыть скрыто скрытый приватный приватно 비공개 숨김 非表示",
        "gone": "unpublish unpublished delete deleted trashed withdrawn expired scheduled embargo embargoed unreleased "
        "trash spam inreview underreview",
        "members": "auth authenticated member members paid premium subscriber subscribers login paywall patrons supporters 会员",
        "people": "friends family staff team owner author admin admins employees",
        "public": "publish published publishing publishable public listed visible show shown display displayed live online "
        "released approved active ready render rendered available 发布 公开 "
        "veröffentlicht öffentlich publié publiée publicado publicada pubblicato pubblicata gepubliceerd openbaar publicerad "
        "julkaistu yayında yayınlandı opublikowany опубликовано публично 공개",
        "password": "accesscode pincode "
        "password passwd passphrase passcode passkey pass pwd pw passwort contraseña 密码 密碼 口令",
        "encrypted": "encrypt encrypted encryption protect protected lock locked 加密",
        "feed": "feed feeds rss atom syndicate syndicated syndication",
        "not": "no not non dont never without disable exclude excluded skip skipped omit omitted ignore ignored remove 不 未",
        "only": "only",
        "neutral": "is it this the a to be as for from in on of at by with do has should will can must may post posts page "
        "article entry blog content document doc item file mode flag status state me my self user users access view read "
        "use need needs needed visibility enable enabled "
        "require required requires include included includes list lists hash key save article 文章 是否",
    }.items()
    for word in words.split()
}  # fmt: skip
_LONGEST_WORD = max(map(len, _WORDS))
#: These say nothing by themselves.
_MARKS = frozenset({"no", "not", "non", "dont", "never", "without", "不", "未"})
#: A key longer than this is not the name of a flag.
_LONGEST_KEY = 40
#: Reasons (`visibility.REASONS`) of words that hide.
_REASONS = {"draft": "draft", "hidden": "hidden", "gone": "unpublished", "members": "protected"}


@lru_cache(4096)
def meaning(folded: str) -> tuple[str, str] | None:
    """The kind of rule and the reason that a folded key (`visibility.fold`) gives; None if it says nothing of the post.

    The kind is "hides" (true hides), "shows" (false hides) or "value" (all but false hides).
    """
    if folded == "article":
        # vuepress-theme-hope: the page is in no list of articles, and in no feed.
        return "shows", "feed-false"
    kinds = _kinds(folded) if folded not in _MARKS else None
    if kinds is None:
        return None
    if "people" in kinds:
        # Without `only` it says who the post is about, or who wrote it.
        return ("hides", "hidden") if kinds <= {"people", "only", "neutral"} and "only" in kinds else None
    if "only" in kinds and kinds.isdisjoint(("members", "hidden")):
        # `rss_only: false` says that the post is on the site, too.
        return None
    if "password" in kinds or "encrypted" in kinds:
        return ("shows" if "not" in kinds else "value"), "protected"
    negated = "not" in kinds
    if "feed" in kinds:
        return ("hides" if negated or "hidden" in kinds else "shows"), "feed-false"
    for kind, reason in _REASONS.items():
        if kind in kinds:
            return ("shows" if negated else "hides"), reason
    if "done" in kinds:
        return ("hides" if negated else "shows"), "draft"
    if "public" in kinds:
        return ("hides" if negated else "shows"), "unpublished"
    return ("hides", "unpublished") if negated else None


def _kinds(key: str) -> frozenset[str] | None:
    """The kinds of the words of which a key is made, the longest words first; None if some of it is no word of ours."""
    if not 2 < len(key) <= _LONGEST_KEY and key not in _WORDS:
        return None
    ends: list[frozenset[str] | None] = [None] * len(key) + [frozenset()]
    for start in range(len(key) - 1, -1, -1):
        for end in range(min(len(key), start + _LONGEST_WORD), start, -1):
            rest = ends[end]
            word = _WORDS.get(key[start:end])
            if word is not None and rest is not None:
                ends[start] = rest | {word}
                break
    return ends[0]
