"""Text in any script -> ASCII, as Pelican and Nikola make slugs of titles and file names (西湖 → "Xi Hu ").

Both use Unidecode, which is under the GPL. text-unidecode has the same table as it was in 2017 under the Artistic License;
what Unidecode 1.4 has changed since then, and what a slug can show, is in `_CHANGED`.
"""

from __future__ import annotations

from functools import lru_cache

#: Characters and what Unidecode 1.4 writes for them, if text-unidecode 1.3 writes something else or nothing.
_CHANGED = """
¼  1/4|½  1/2|¾  3/4|Ŋ NG|ŋ ng|Є Ie|Ъ '|ъ '|ẞ SS
し shi|ち chi|っ tsu|つ tsu|シ shi|チ chi|ッ tsu|ツ tsu|ー -
־ -|א A|ח H|ט T|ך KH|כ KH|ץ TS|צ TS|ק k|ש SH|ױ OY|ײ EY
₱ P|₲ G|₴ UAH|₸ T|₹ Rs|₺ L|₽ R|₿ BTC|− -|∕ /|∼ ~|≤ <=|≥ >=|♯ #|⟨ <|⟩ > |❝ "|❞ "
⓫ 11|⓬ 12|⓭ 13|⓮ 14|⓯ 15|⓰ 16|⓱ 17|⓲ 18|⓳ 19|⓴ 20|⓿ 0
♔ white king|♕ white queen|♖ white rook|♗ white bishop|♘ white knight|♙ white pawn
♚ black king|♛ black queen|♜ black rook|♝ black bishop|♞ black knight|♟ black pawn
♠ spades|♡ hearts|♢ diamonds|♣ clubs|♤ spades|♥ hearts|♦ diamonds|♧ clubs
ᴀ A|ᴁ AE|ᴃ B|ᴄ C|ᴅ D|ᴇ E|ᴊ J|ᴋ K|ᴌ L|ᴍ M|ᴏ O|ᴘ P|ᴙ R|ᴛ T|ᴜ U|ᴠ V|ᴡ W|ᴢ Z
Ⱡ L|ⱡ l|Ɫ L|ⱥ a|ⱦ t|Ⱨ H|ⱨ h|Ⱪ K|ⱪ k|Ⱬ Z|ⱬ z|Ɱ M|Ɐ A
🅐 (A)|🅑 (B)|🅒 (C)|🅰 [A]|🅱 [B]|🅾 [O]|🅿 [P]|🆎 [AB]|🆑 [CL]|🆒 [COOL]
🆓 [FREE]|🆔 [ID]|🆕 [NEW]|🆖 [NG]|🆗 [OK]|🆘 [SOS]|🆙 [UP!]|🆚 [VS]
"""


@lru_cache
def _table() -> dict[int, str]:
    rows = (row for line in _CHANGED.strip("\n").split("\n") for row in line.split("|"))
    return {ord(row[0]): row[2:] for row in rows}


@lru_cache(4096)
def _spelled(character: str) -> str:
    from text_unidecode import unidecode  # type: ignore[import-untyped]

    spelling = _table().get(ord(character))
    spelled: str = unidecode(character) if spelling is None else spelling
    return "" if spelled.startswith("[?]") else spelled


def to_ascii(text: str) -> str:
    """The text in ASCII; characters that have no counterpart are left out."""
    if text.isascii():
        return text
    return "".join(character if character.isascii() else _spelled(character) for character in text)
