"""Slugs as Eleventy's filters make them: `slugify` (@sindresorhus/slugify 1.1) and `slug` (slugify 1.6).

The tables are those of the two libraries (both under the MIT licence), for the scripts of Europe and the Near East; what
they spell like Unicode's decomposition is left out, and letters of other scripts are dropped, as by the libraries.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from feeds.dialects.javascript.syntax import UnreadableCodeError
from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import nfc, normal_form

_SLUGIFY = """
ß ss|ẞ SS|ä ae|Ä Ae|ö oe|Ö Oe|ü ue|Ü Ue|Æ AE|Ð D|Ø O|Þ TH|æ ae|ð d|ø o|þ th|Đ D|đ d|ء e|آ a|أ a|ؤ w|إ i|ئ y
ا a|ب b|ة t|ت t|ث th|ج j|ح h|خ kh|د d|ذ dh|ر r|ز z|س s|ش sh|ص s|ض d|ط t|ظ z|ع e|غ gh|ـ _|ف f|ق q|ك k|ل l|م m
ن n|ه h|و w|ى a|ي y|ُ u|٠ 0|١ 1|٢ 2|٣ 3|٤ 4|٥ 5|٦ 6|٧ 7|٨ 8|٩ 9|چ ch|ک k|گ g|پ p|ژ zh|ی y|۰ 0|۱ 1|۲ 2|۳ 3|۴ 4
۵ 5|۶ 6|۷ 7|۸ 8|۹ 9|ټ p|ځ z|څ c|ډ d|ړ r|ږ g|ښ x|ګ g|ڼ n|ۀ e|ې e|ۍ ai|ٹ t|ڈ d|ڑ r|ں n|ہ h|ھ h|ے e|А A|а a|Б B
б b|В V|в v|Г G|г g|Д D|д d|ъе ye|Ъе Ye|ъЕ yE|ЪЕ YE|Е E|е e|Ё Yo|ё yo|Ж Zh|ж zh|З Z|з z|И I|и i|ый iy|Ый Iy
ЫЙ IY|ыЙ iY|Й Y|й y|К K|к k|Л L|л l|М M|м m|Н N|н n|О O|о o|П P|п p|Р R|р r|С S|с s|Т T|т t|У U|у u|Ф F|ф f
Х Kh|х kh|Ц Ts|ц ts|Ч Ch|ч ch|Ш Sh|ш sh|Щ Sch|щ sch|Ъ |ъ |Ы Y|ы y|Ь |ь |Э E|э e|Ю Yu|ю yu|Я Ya|я ya|ı i|ա a
Ա A|բ b|Բ B|գ g|Գ G|դ d|Դ D|ե ye|Ե Ye|զ z|Զ Z|է e|Է E|ը y|Ը Y|թ t|Թ T|ժ zh|Ժ Zh|ի i|Ի I|լ l|Լ L|խ kh|Խ Kh|ծ ts
Ծ Ts|կ k|Կ K|հ h|Հ H|ձ dz|Ձ Dz|ղ gh|Ղ Gh|ճ tch|Ճ Tch|մ m|Մ M|յ y|Յ Y|ն n|Ն N|շ sh|Շ Sh|ո vo|Ո Vo|չ ch|Չ Ch|պ p
Պ P|ջ j|Ջ J|ռ r|Ռ R|ս s|Ս S|վ v|Վ V|տ t|Տ T|ր r|Ր R|ց c|Ց C|ու u|ՈՒ U|Ու U|փ p|Փ P|ք q|Ք Q|օ o|Օ O|ֆ f|Ֆ F
և yev|ა a|ბ b|გ g|დ d|ე e|ვ v|ზ z|თ t|ი i|კ k|ლ l|მ m|ნ n|ო o|პ p|ჟ zh|რ r|ს s|ტ t|უ u|ფ ph|ქ q|ღ gh|ყ k|შ sh
ჩ ch|ც ts|ძ dz|წ ts|ჭ tch|ხ kh|ჯ j|ჰ h|α a|β v|γ g|δ d|ε e|ζ z|η i|θ th|ι i|κ k|λ l|μ m|ν n|ξ ks|ο o|π p|ρ r
σ s|τ t|υ y|φ f|χ x|ψ ps|ω o|ά a|έ e|ί i|ό o|ύ y|ή i|ώ o|ς s|ϊ i|ΰ y|ϋ y|ΐ i|Α A|Β B|Γ G|Δ D|Ε E|Ζ Z|Η I|Θ TH
Ι I|Κ K|Λ L|Μ M|Ν N|Ξ KS|Ο O|Π P|Ρ R|Σ S|Τ T|Υ Y|Φ F|Χ X|Ψ PS|Ω O|Ά A|Έ E|Ί I|Ό O|Ύ Y|Ή I|Ώ O|Ϊ I|Ϋ Y|Ќ Kj
ќ kj|Љ Lj|љ lj|Њ Nj|њ nj|Тс Ts|тс ts|ł l|Ł L|Є Ye|І I|Ї Yi|Ґ G|є ye|і i|ї yi|ґ g|Ĳ IJ|ĳ ij|¢ c|¥ Y|₠ CE|₡ C
₢ Cr|₣ F|₥ m|₦ N|₧ Pt|₨ Rs|₩ W|₫ s|€ E|₭ K|₮ T|₯ Dp|₰ S|₱ P|₲ G|₳ A|₴ S|₵ C|₶ tt|₷ S|₸ T|₹ R|₺ L|₽ P|₿ B|Ħ H
ħ h|‽ ?!
"""
_SLUG = r"""
$ dollar|% percent|& and|< less|> greater|| or|¢ cent|£ pound|¤ currency|¥ yen|© (c)|ª a|® (r)|º o|Æ AE|Ð D
Ø O|Þ TH|ß ss|æ ae|ð d|ø o|þ th|Đ DJ|đ dj|Ę e|Ī i|ı i|Ķ k|Ł L|ł l|Œ OE|œ oe|Ū u|Ə E|ƒ f|ǈ LJ|ǉ lj|ǋ NJ|ǌ nj
ə e|˚ o|Ά A|Έ E|Ή H|Ί I|Ό O|Ύ Y|Ώ W|ΐ i|Α A|Β B|Γ G|Δ D|Ε E|Ζ Z|Η H|Θ 8|Ι I|Κ K|Λ L|Μ M|Ν N|Ξ 3|Ο O|Π P|Ρ R
Σ S|Τ T|Υ Y|Φ F|Χ X|Ψ PS|Ω W|Ϊ I|Ϋ Y|ά a|έ e|ή h|ί i|ΰ y|α a|β b|γ g|δ d|ε e|ζ z|η h|θ 8|ι i|κ k|λ l|μ m|ν n
ξ 3|ο o|π p|ρ r|ς s|σ s|τ t|υ y|φ f|χ x|ψ ps|ω w|ϊ i|ϋ y|ό o|ύ y|ώ w|Ё Yo|Ђ DJ|Є Ye|І I|Ї Yi|Ј J|Љ LJ|Њ NJ|Ћ C
Џ DZ|А A|Б B|В V|Г G|Д D|Е E|Ж Zh|З Z|И I|Й J|К K|Л L|М M|Н N|О O|П P|Р R|С S|Т T|У U|Ф F|Х H|Ц C|Ч Ch|Ш Sh
Щ Sh|Ъ U|Ы Y|Ь |Э E|Ю Yu|Я Ya|а a|б b|в v|г g|д d|е e|ж zh|з z|и i|й j|к k|л l|м m|н n|о o|п p|р r|с s|т t|у u
ф f|х h|ц c|ч ch|ш sh|щ sh|ъ u|ы y|ь |э e|ю yu|я ya|ё yo|ђ dj|є ye|і i|ї yi|ј j|љ lj|њ nj|ћ c|ѝ u|џ dz|Ґ G|ґ g
Ғ GH|ғ gh|Қ KH|қ kh|Ң NG|ң ng|Ү UE|ү ue|Ұ U|ұ u|Һ H|һ h|Ә AE|ә ae|Ө OE|ө oe|Ա A|Բ B|Գ G|Դ D|Ե E|Զ Z|Է E'|Ը Y'
Թ T'|Ժ JH|Ի I|Լ L|Խ X|Ծ C'|Կ K|Հ H|Ձ D'|Ղ GH|Ճ TW|Մ M|Յ Y|Ն N|Շ SH|Չ CH|Պ P|Ջ J|Ռ R'|Ս S|Վ V|Տ T|Ր R|Ց C|Փ P'
Ք Q'|Օ O''|Ֆ F|և EV|ء a|آ aa|أ a|ؤ u|إ i|ئ e|ا a|ب b|ة h|ت t|ث th|ج j|ح h|خ kh|د d|ذ th|ر r|ز z|س s|ش sh|ص s
ض dh|ط t|ظ z|ع a|غ gh|ف f|ق q|ك k|ل l|م m|ن n|ه h|و w|ى a|ي y|ً an|ٌ on|ٍ en|َ a|ُ u|ِ e|٠ 0|١ 1|٢ 2|٣ 3|٤ 4
٥ 5|٦ 6|٧ 7|٨ 8|٩ 9|پ p|چ ch|ژ zh|ک k|گ g|ی y|۰ 0|۱ 1|۲ 2|۳ 3|۴ 4|۵ 5|۶ 6|۷ 7|۸ 8|۹ 9|ა a|ბ b|გ g|დ d|ე e|ვ v
ზ z|თ t|ი i|კ k|ლ l|მ m|ნ n|ო o|პ p|ჟ zh|რ r|ს s|ტ t|უ u|ფ f|ქ k|ღ gh|ყ q|შ sh|ჩ ch|ც ts|ძ dz|წ ts|ჭ ch|ხ kh
ჯ j|ჰ h|ẞ SS|– -|‘ '|’ '|“ "|” "|„ "|† +|• *|… ...|₠ ecu|₢ cruzeiro|₣ french franc|₤ lira|₥ mill|₦ naira
₧ peseta|₨ rupee|₩ won|₪ new shequel|₫ dong|€ euro|₭ kip|₮ tugrik|₯ drachma|₰ penny|₱ peso|₲ guarani|₳ austral
₴ hryvnia|₵ cedi|₸ kazakhstani tenge|₹ indian rupee|₺ turkish lira|₽ russian ruble|₿ bitcoin|℠ sm|™ tm|∂ d
∆ delta|∑ sum|∞ infinity|元 yuan|円 yen
"""
#: Where words in camel case are divided.
_HUMPS = tuple(
    lazy_pattern(pattern)
    for pattern in (
        r"(?<=[A-Z][A-Z])(?=\d)", r"(?<=[a-z\d])(?=[A-Z]{2})", r"(?<=[a-z\d])(?=[A-Z])", r"(?<=[A-Z])(?=[A-Z][a-rt-z\d])",
    )
)  # fmt: skip
#: Marks that are not diacritics: `\p{Diacritic}` has these besides combining ones.
_DIACRITICS = lazy_pattern(
    r"[`\u005e\u00a8\u00af\u00b4\u00b7\u00b8\u02b0-\u034e\u0350-\u0357\u035d-\u0362\u0483-\u0487\u0591-\u05a1\u064b-\u0652]"
)


@lru_cache
def _table(text: str) -> tuple[tuple[str, str], ...]:
    """The rows of a table: what is replaced, and what by; longer ones first."""
    rows = [tuple(row.split(" ", 1)) for row in re.split(r"\n|\|(?!\s|\Z)", text.strip("\n"))]
    return tuple(sorted(((row[0], row[1]) for row in rows if len(row) == 2), key=lambda row: -len(row[0])))


def slugify(text: str, *, decamelize: bool = False) -> str:
    """`{{ title | slugify }}`; the library on its own also divides `fooBar`."""
    text = nfc(text)
    for character, spelled in (*_table(_SLUGIFY), ("&", " and "), ("🦄", " unicorn "), ("♥", " love ")):
        text = text.replace(character, spelled)
    text = nfc(_DIACRITICS.sub("", normal_form("NFD", text)))
    for pattern in _HUMPS if decamelize else ():
        text = pattern.sub(" ", text)
    text = text.lower()
    text = re.sub(r"(?<=[a-zA-Z\d])'([ts])(\s|$)", r"\1\2", text)
    return re.sub(r"-{2,}", "-", re.sub(r"[^a-z\d]+", "-", text)).strip("-")


def slug(text: str, *, replacement: str = "-", lower: bool = True, strict: bool = False, trim: bool = True) -> str:
    """`{{ title | slug }}`; the options are the library's."""
    table = dict(_table(_SLUG))
    spelled = []
    for character in nfc(text):
        decomposed = unicodedata.normalize("NFD", character)
        plain = decomposed[0] if len(decomposed) > 1 and decomposed[0].isascii() else character
        new = table.get(character, plain)
        spelled.append(re.sub(r"[^A-Za-z0-9_\s$*+~.()'\"!\-:@]+", "", " " if new == replacement else new))
    result = "".join(spelled)
    result = re.sub(r"[^A-Za-z0-9\s]", "", result) if strict else result
    result = re.sub(r"\s+", lambda _: replacement, result.strip() if trim else result)
    return result.lower() if lower else result


def _by_slugify(text: str, options: object = None) -> str:
    """The package `slugify`; its second argument is a replacement or a table of options."""
    given = {"replacement": options} if isinstance(options, str) else options or {}
    if not isinstance(given, dict) or not given.keys() <= {"replacement", "lower", "strict", "trim"}:
        raise UnreadableCodeError("an option of slugify that is not read")
    return slug(text, **{"lower": False, **given})


def _by_sindresorhus(text: str, options: object = None) -> str:
    """The package `@sindresorhus/slugify`."""
    given = options or {}
    if not isinstance(given, dict) or not given.keys() <= {"decamelize", "lowercase", "separator"}:
        raise UnreadableCodeError("an option of slugify that is not read")
    if given.get("lowercase", True) is not True or given.get("separator", "-") != "-":
        raise UnreadableCodeError("an option of slugify that is not read")
    return slugify(text, decamelize=given.get("decamelize", True) is not False)


#: What functions of data files may call: packages by the name that they are imported by.
PACKAGES: Mapping[str, Callable[..., str]] = {"slugify": _by_slugify, "@sindresorhus/slugify": _by_sindresorhus}
