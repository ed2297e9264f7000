"""Slips of the keyboard and of Chinese input methods: in come a word and the right one, out goes whether it was meant. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

#: Chinese words with a character that sounds or looks like the right one, as input methods offer it: typed -> meant.
ALIKE: Mapping[str, str] = {
    typed: meant
    for meant, words in {
        "草稿": "草搞 草槁 草犒 草高 草告 草糕",
        "私密": "私蜜 私秘 思密",
        "隐藏": "隐臧 隐葬 影藏 引藏 隐仓 稳藏",
        "加密": "加蜜 加秘 家密 假密",
        "密码": "密玛 密吗 密马 蜜码 秘码",
        "未发布": "为发布 末发布 未法布",
        "不公开": "不公升",
    }.items()
    for typed in words.split()
}
#: Two slips in a shorter word may make any other word.
_SHORTEST_FOR_TWO = 5


class Words:
    """Right words, among which those are looked up for which a word may be a slip, without a look at all of them.

    Words that are one slip apart are equal without one letter of each, and those that are two slips apart without two.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._rank = {word: rank for rank, word in enumerate(words)}
        self._longest = max(map(len, self._rank)) + 2
        self._by_rest: dict[str, list[str]] = defaultdict(list)
        for word in self._rank:
            for rest in _shortened(word):
                self._by_rest[rest].append(word)

    def near(self, word: str) -> tuple[str, ...]:
        """The right words for which this one may be a slip, in the order in which they were given."""
        if len(word) > self._longest:
            return ()
        candidates = {right_word for rest in _shortened(word) for right_word in self._by_rest.get(rest, ())}
        return tuple(sorted((right_word for right_word in candidates if near(word, right_word)), key=self._rank.__getitem__))


def _shortened(word: str) -> set[str]:
    """The word, and the word without one letter or two."""
    once = {word[:at] + word[at + 1 :] for at in range(len(word))}
    return {word} | once | {rest[:at] + rest[at + 1 :] for rest in once for at in range(len(rest))}


def near(word: str, right_word: str) -> bool:
    """Whether a word is one slip away from the right one, or two that keep its letters: `darf` is draft, `craftt` is not."""
    return one_slip(word, right_word) or _two_slips(word, right_word)


def one_slip(word: str, right_word: str) -> bool:
    """Whether one letter was left out, added, replaced, or swapped with its neighbour."""
    start = next(
        (at for at, (letter, right_letter) in enumerate(zip(word, right_word, strict=False)) if letter != right_letter),
        min(len(word), len(right_word)),
    )
    rest, right_rest = word[start:], right_word[start:]
    return (
        rest[1:] == right_rest or rest == right_rest[1:] or rest[1:] == right_rest[1:]
        or (rest[1::-1] == right_rest[:2] and rest[2:] == right_rest[2:] and len(rest) > 1)
    )  # fmt: skip


def _two_slips(word: str, right_word: str) -> bool:
    """Whether two letters were left out, doubled, or swapped with a neighbour; other letters make another word."""
    if len(right_word) < _SHORTEST_FOR_TWO or abs(len(word) - len(right_word)) > 2 or word[:1] != right_word[:1]:
        return False
    return set(word) <= set(right_word) and any(word in _slips(slip) for slip in _slips(right_word))


@lru_cache(8192)
def _slips(word: str) -> frozenset[str]:
    """The word with one letter left out, doubled, or swapped with its neighbour."""
    return frozenset(_each_slip(word))


def _each_slip(word: str) -> Iterator[str]:
    for at, letter in enumerate(word):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + letter + word[at:]
        yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
