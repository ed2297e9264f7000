"""The table [push]: who is told of changes besides the hubs, and how."""

from __future__ import annotations

from dataclasses import dataclass

from feeds.lazy_patterns import lazy_pattern
from feeds.pickled import PickledByName
from feeds.settings.addresses import SERVICE
from feeds.settings.kinds import FLAG, duration, secret
from feeds.settings.rows import SettingGroup, setting

_DAY = 86_400
_KEY = lazy_pattern(r"[A-Za-z0-9-]{8,128}")
_TOKEN = lazy_pattern(r"[!-~]{1,200}")

PUSH = SettingGroup(
    "Telling hubs and search engines",
    "Who is told when something is published, in the table `[push]`; WebSub hubs are named in `hubs`. "
    "[push.md](push.md) says what is sent when.",
    aliases=("websub", "ping", "indexnow"),
    affects="channel",
)


@dataclass(frozen=True, slots=True)
class Push(PickledByName):
    """Who is told of changes besides the hubs, and how (docs/push.md)."""

    after_build: bool = setting(
        True,
        FLAG,
        "Whether a build tells by itself; if not, `feeds ping` does.",
        more="Set it to `false` if the feeds are uploaded after the build: a hub fetches a feed at once.",
        example="false",
    )
    timeout_seconds: int = setting(
        10, duration(1, 300), "How long one request may take.", example='"10 s"', in_init=False
    )  # fmt: skip
    give_up_seconds: int = setting(
        _DAY,
        duration(60, 30 * _DAY),
        "For how long a message that nobody takes is tried again, with ever longer pauses.",
        example='"2 d"',
        in_init=False,
    )
    rsscloud: str | None = setting(
        None,
        SERVICE,
        "An rssCloud server: it is named in RSS documents, with `pleaseNotify` below this address, and told at `ping`.",
        example='"http://rpc.rsscloud.io:5337/"',
    )
    indexnow_key: str | None = setting(
        None,
        secret(_KEY, "8 to 128 letters of a to z, digits and hyphens"),
        "A key of your choice with which search engines are told of new and changed posts by IndexNow.",
        more="It is published as a file of that name below `base_url`; it is no secret.",
        example='"7f3a9c1e5b2d4f60"',
    )
    indexnow_key_url: str | None = setting(
        None,
        SERVICE,
        "Where the key's file lies if you publish it yourself.",
        more="Only posts in its folder and below may be told of: put it at the root if posts are not below `base_url`.",
        example='"https://blog.example.org/7f3a9c1e5b2d4f60.txt"',
        in_init=False,
    )
    indexnow_url: str = setting(
        "https://api.indexnow.org/indexnow", SERVICE, "The IndexNow service; each tells the others.",
        example='"https://www.bing.com/indexnow"', in_init=False,
    )  # fmt: skip
    baidu_token: str | None = setting(
        None,
        secret(_TOKEN, "the token that Baidu's search console shows"),
        "Baidu's token for the push of addresses (普通收录, API 提交).",
        more="It is a secret: set it as a variable.",
        example='"aBcD1234"',
        in_init=False,
        secret=True,
    )
    baidu_url: str = setting(
        "http://data.zz.baidu.com/urls", SERVICE, "Baidu's service.", example='"http://data.zz.baidu.com/urls"', in_init=False
    )
