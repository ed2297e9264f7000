"""Players in frames: in comes a frame's address, out goes the page that it shows, what to call it, and a poster.

Only an exact https host and path prefix is known; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from feeds.lazy_patterns import lazy_pattern

_BVID = lazy_pattern(r"BV\w{10}", re.ASCII)
_NUMBER = lazy_pattern(r"\d+", re.ASCII)


class Embed(NamedTuple):
    """A frame as a link: the address to open, what to call it, and a picture of it where the address tells one."""

    url: str
    title: str
    poster: str | None = None


def _youtube(path: str, query: dict[str, list[str]]) -> Embed | None:
    video = path.rpartition("/")[2]
    if re.fullmatch(r"[A-Za-z0-9_-]{11}", video) and video != "videoseries":
        start = query.get("start", [""])[0]
        begin = f"&t={start}" if re.fullmatch(r"[0-9]{1,6}", start) else ""
        return Embed(
            f"https://www.youtube.com/watch?v={video}{begin}", "YouTube", f"https://i.ytimg.com/vi/{video}/hqdefault.jpg"
        )
    return _from_query("list", re.compile(r"[\w-]+", re.ASCII), "https://www.youtube.com/playlist?list={}", "YouTube")(
        path, query
    )


def _bilibili(path: str, query: dict[str, list[str]]) -> Embed | None:
    for name, pattern, prefix in (("bvid", _BVID, ""), ("aid", _NUMBER, "av")):
        result = query.get(name, [""])[0]
        if pattern.fullmatch(result):
            return Embed(f"https://www.bilibili.com/video/{prefix}{result}/", "哔哩哔哩")
    return None


def _from_path(pattern: re.Pattern[str], page: str, title: str) -> Callable[[str, dict[str, list[str]]], Embed | None]:
    def made(path: str, query: dict[str, list[str]]) -> Embed | None:
        match = pattern.search(path)
        return Embed(page.format(*match.groups()), title) if match else None

    return made


def _from_query(
    name: str, pattern: re.Pattern[str], page: str, title: str
) -> Callable[[str, dict[str, list[str]]], Embed | None]:
    def made(path: str, query: dict[str, list[str]]) -> Embed | None:
        result = query.get(name, [""])[0]
        return Embed(page.format(result), title) if pattern.fullmatch(result) else None

    return made


def _netease(path: str, query: dict[str, list[str]]) -> Embed | None:
    kind = {"0": "playlist", "1": "album", "2": "song"}.get(query.get("type", [""])[0])
    number = query.get("id", [""])[0]
    return (
        Embed(f"https://music.163.com/#/{kind}?id={number}", "网易云音乐")
        if kind and number.isascii() and number.isdecimal()
        else None
    )


def _soundcloud(path: str, query: dict[str, list[str]]) -> Embed | None:
    page = query.get("url", [""])[0]
    return Embed(page, "SoundCloud") if re.fullmatch(r"https://soundcloud\.com/[\w./%-]+", page, re.ASCII) else None


#: Host -> path prefix -> what its address tells.
PLAYERS: dict[str, tuple[str, Callable[[str, dict[str, list[str]]], Embed | None]]] = {
    "www.youtube.com": ("/embed/", _youtube),
    "youtube.com": ("/embed/", _youtube),
    "www.youtube-nocookie.com": ("/embed/", _youtube),
    "player.vimeo.com": ("/video/", _from_path(lazy_pattern(r"/video/(\d+)", re.ASCII), "https://vimeo.com/{}", "Vimeo")),
    "player.bilibili.com": ("/player.html", _bilibili),
    "www.bilibili.com": ("/blackboard/", _bilibili),
    "player.youku.com": (
        "/embed/",
        _from_path(lazy_pattern(r"/embed/([\w=]+)", re.ASCII), "https://v.youku.com/v_show/id_{}.html", "优酷"),
    ),
    "v.qq.com": (
        "/txp/iframe/player.html",
        _from_query("vid", lazy_pattern(r"\w+", re.ASCII), "https://v.qq.com/x/page/{}.html", "腾讯视频"),
    ),
    "w.soundcloud.com": ("/player/", _soundcloud),
    "open.spotify.com": (
        "/embed/",
        _from_path(lazy_pattern(r"/embed/(\w+/\w+)", re.ASCII), "https://open.spotify.com/{}", "Spotify"),
    ),
    "codepen.io": (
        "/",
        _from_path(lazy_pattern(r"^/([\w-]+)/embed/(?:preview/)?([\w-]+)", re.ASCII), "https://codepen.io/{}/pen/{}", "CodePen"),
    ),
    "music.163.com": ("/outchain/player", _netease),
    "embed.music.apple.com": (
        "/",
        _from_path(lazy_pattern(r"^(/[\w/.-]+)", re.ASCII), "https://music.apple.com{}", "Apple Music"),
    ),
    "www.dailymotion.com": (
        "/embed/video/",
        _from_path(lazy_pattern(r"/video/(\w+)", re.ASCII), "https://www.dailymotion.com/video/{}", "Dailymotion"),
    ),
    "jsfiddle.net": ("/", _from_path(lazy_pattern(r"^/([\w/-]+?)/embedded", re.ASCII), "https://jsfiddle.net/{}/", "JSFiddle")),
    "codesandbox.io": (
        "/embed/",
        _from_path(lazy_pattern(r"/embed/([\w-]+)", re.ASCII), "https://codesandbox.io/s/{}", "CodeSandbox"),
    ),
    "player.twitch.tv": (
        "/",
        _from_query("video", lazy_pattern(r"v?\d+", re.ASCII), "https://www.twitch.tv/videos/{}", "Twitch"),
    ),
    "www.ixigua.com": ("/iframe/", _from_path(lazy_pattern(r"/iframe/(\d+)", re.ASCII), "https://www.ixigua.com/{}", "西瓜视频")),
    "www.acfun.cn": ("/player/", _from_path(lazy_pattern(r"/player/(ac\d+)", re.ASCII), "https://www.acfun.cn/v/{}", "AcFun")),
    "www.loom.com": ("/embed/", _from_path(lazy_pattern(r"/embed/(\w+)", re.ASCII), "https://www.loom.com/share/{}", "Loom")),
    "stackblitz.com": (
        "/edit/",
        _from_path(lazy_pattern(r"/edit/([\w-]+)", re.ASCII), "https://stackblitz.com/edit/{}", "StackBlitz"),
    ),
    "asciinema.org": ("/a/", _from_path(lazy_pattern(r"/a/(\w+)", re.ASCII), "https://asciinema.org/a/{}", "asciinema")),
    "gist.github.com": (
        "/",
        _from_path(lazy_pattern(r"^/([\w-]+/\w+)(?:\.js)?\Z", re.ASCII), "https://gist.github.com/{}", "Gist"),
    ),
    "www.google.com": ("/maps/embed", lambda path, query: None),
}


def embed(url: str, more_hosts: Sequence[str] = ()) -> Embed | None:
    """What an absolute address in a frame shows; None where its host is not known."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or port is not None or parts.username:
        return None
    if host in PLAYERS:
        prefix, read = PLAYERS[host]
        if parts.path.startswith(prefix):
            return read(parts.path, parse_qs(parts.query, max_num_fields=50)) or Embed(url, host)
    for allowed in more_hosts:
        name, slash, prefix = allowed.partition("/")
        if host == name.casefold() and parts.path.startswith(slash + prefix):
            return Embed(url, host)
    return None


#: Short codes of generators, and what their pages are called.
EMBEDS = {"youtube": "YouTube", "vimeo": "Vimeo", "bilibili": "哔哩哔哩", "gist": "Gist"}


_PAGES: dict[str, tuple[re.Pattern[str], str]] = {
    "youtube": (lazy_pattern(r"[A-Za-z0-9_-]{11}"), "https://www.youtube.com/watch?v={}"),
    "vimeo": (_NUMBER, "https://vimeo.com/{}"),
    "bilibili": (_BVID, "https://www.bilibili.com/video/{}/"),
    "gist": (lazy_pattern(r"[A-Za-z0-9-]+(?:/[A-Za-z0-9]+)?"), "https://gist.github.com/{}"),
}


def player_page(name: str, identifier: str) -> str | None:
    """The page of a video that a generator's short code names by its identifier."""
    if name not in _PAGES or not _PAGES[name][0].fullmatch(identifier):
        return None
    return _PAGES[name][1].format(quote(identifier, safe="/"))
