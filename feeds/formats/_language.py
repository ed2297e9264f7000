"""What language texts are in, by their script alone: texts come in, a BCP 47 tag or None goes out. Pure.

Only languages with a script of their own are recognised; of Latin letters nobody can say more than that.
"""

from __future__ import annotations

from collections.abc import Iterable

from feeds.lazy_patterns import lazy_pattern

_HAN = lazy_pattern("[\u3400-\u9fff\uf900-\ufaff]")
_LETTERS = lazy_pattern(r"[^\W\d_]")
#: Script -> language, by ranges of letters.
_SCRIPTS = {
    "ja": lazy_pattern("[\u3041-\u30ff]"),
    "ko": lazy_pattern("[\uac00-\ud7a3]"),
    "ru": lazy_pattern("[\u0400-\u04ff]"),
    "el": lazy_pattern("[\u0370-\u03ff]"),
    "he": lazy_pattern("[\u0590-\u05ff]"),
    "ar": lazy_pattern("[\u0600-\u06ff]"),
    "th": lazy_pattern("[\u0e00-\u0e7f]"),
    "hi": lazy_pattern("[\u0900-\u097f]"),
}
#: Common characters that only one of the two Chinese scripts has.
_SIMPLIFIED = frozenset(
    "这们来时国会说对发学过还没样开关个经问题头长书见话语车马鱼鸟东门间电脑网络让给写读听买卖业乐应进运动现点线图录与"
)
_TRADITIONAL = frozenset(
    "這們來時國會說對發學過還沒樣開關個經問題頭長書見話語車馬魚鳥東門間電腦網絡讓給寫讀聽買賣業樂應進運動現點線圖錄與"
)
#: A word of CJK says about as much as so many Latin letters.
_LATIN_LETTERS_A_WORD = 4
#: Of Japanese text, kana are seldom less than this.
_KANA_SHARE = 0.15


def guess(texts: Iterable[str]) -> str | None:
    """The language that most of the texts are in; None where their script does not tell."""
    text = "\n".join(texts)
    counts = {language: len(letters.findall(text)) for language, letters in _SCRIPTS.items()}
    han = len(_HAN.findall(text))
    counted_letters = han + sum(counts.values())
    others = (len(_LETTERS.findall(text)) - counted_letters) / _LATIN_LETTERS_A_WORD
    if counted_letters <= others:
        return None
    if counts["ja"] >= _KANA_SHARE * (han + counts["ja"]) and counts["ja"] + han > counted_letters / 2:
        return "ja"
    if han * 2 > counted_letters:
        simplified = sum(1 for character in text if character in _SIMPLIFIED - _TRADITIONAL)
        traditional = sum(1 for character in text if character in _TRADITIONAL - _SIMPLIFIED)
        return "zh-Hant" if traditional > simplified else "zh-Hans" if simplified else "zh"
    return max(counts, key=lambda language: counts[language])
