"""Bodies for made-up posts: in comes a random number generator, out come titles and bodies in Markdown or HTML.

Mostly Chinese, with what real posts hold: links, pictures (lazy ones too), code, lists, tables, quotes. Equal seeds
give equal text. Must not read the clock or the disk.
"""

from __future__ import annotations

import random
from collections.abc import Callable


def _words(text: str, between: str | None = None) -> list[str]:
    return text.split(between)


_WHO = _words(
    "我们 他 她 老王 隔壁组 编译器 数据库 那台旧服务器 产品经理 测试同学 楼下的面馆 小区的猫 值班的人 "
    "这个版本 新来的实习生 运维 前端 后端 读者 作者 爷爷 邻居 台风 地铁 图书馆 阳台上的薄荷 一位朋友 维护者 "
    "邮件列表 旧笔记本"
)
_WHEN = _words(
    "今天早上 上周三 昨天夜里 去年冬天 发布之前 开会的时候 周末 下雨那天 午饭以后 搬家前 国庆假期 凌晨两点 "
    "第三次重启之后 出门前 排队时 春节前后 很久以前 这两年 后来 一开始"
)
_DID = _words(
    "把配置文件又改了一遍 发现日志里多了一行警告 写了一个小脚本 终于修好了那个时区的错误 "
    "重新画了一张架构图 把缓存全部清空 煮了一锅番茄牛腩 读完了那本厚书 骑车绕湖走了一圈 给花盆换了土 "
    "升级了依赖 回滚到上一个版本 加了一个索引 删掉了三百行代码 打了一个很长的电话 忘记了密码 重写了解析器 "
    "把照片按年份整理好 在白板上写下三个问题 量了一下延迟 对比了两种方案 把旧文章搬到新的地址 "
    "记下了每一步的时间 买了一只二手镜头 学会了腌萝卜 修好了自行车的变速 把接口文档补齐"
)
_THEN = _words(
    "结果比预想的快了一倍 这才明白问题出在哪里 所以没有人再提起那件事 但是代价也不小 于是决定先放一放 "
    "大家都松了一口气 原来答案一直写在手册里 下次应该早点做 效果出乎意料地好 虽然只是很小的一步 "
    "可惜照片没有拍下来 剩下的部分留到下周 至少现在有了测试 数字不会说谎 味道和小时候一样 "
    "没有比这更简单的办法了 这就是全部的秘密 后面再慢慢讲"
)
_TOPICS = _words(
    "时区 缓存 番茄 索引 夜骑 备份 锁 字体 订阅 日志 编码 面条 排版 电梯 并发 书架 镜像 茶叶 快照 雨声 协议 "
    "台风 队列 相机 自行车 迁移 代理 笔记 监控 豆腐 脚本 站台 压缩 地图 权限 收音机 回滚 窗帘 契约 灯塔"
)
_FRAMES = _words(
    "关于{}的三个问题|{}入门|再谈{}|{}与{}|为什么我不再用{}|一次{}事故的复盘|{}笔记（{}）|从{}到{}|十分钟看懂{}|"
    "{}：一年以后|Notes on {}|{} 101：{}|周末读物：{}|【转】{}的历史|{}，还是{}？|怎样给{}做测试",
    "|",
)
_ENGLISH = _words(
    "The first attempt failed, and the log said why.|"
    "Nobody had touched this file since the migration.|It took four lines.|"
    "Measure first, then argue.|The cache was fine; the clock was not.|"
    "We kept the old address and added a redirect.|A test that cannot fail tells you nothing.|"
    "Most of the time went into reading, as it should.",
    "|",
)
_CODE = (
    "def total(rows: list[int]) -> int:\n    return sum(row for row in rows if row > 0)",
    "SELECT day, count(*)\nFROM visits\nWHERE agent NOT LIKE '%bot%'\nGROUP BY day\nORDER BY 2 DESC LIMIT 10;",
    'for file in *.log; do\n  gzip -9 "$file" && echo "done: $file"\ndone',
    "const seen = new Set();\nfor (const id of ids) {\n  if (seen.has(id)) continue;\n  seen.add(id);\n}",
    'location /feeds/ {\n    gzip_static on;\n    add_header Cache-Control "public, max-age=3600";\n}',
)
_LANGUAGES = ("python", "sql", "bash", "javascript", "nginx")

Block = Callable[[random.Random], str]


def sentence(rng: random.Random) -> str:
    """One sentence, now and then in English."""
    if rng.random() < 0.04:
        return rng.choice(_ENGLISH)
    return f"{rng.choice(_WHEN)}，{rng.choice(_WHO)}{rng.choice(_DID)}，{rng.choice(_THEN)}。"


def title(rng: random.Random) -> str:
    """A title; some need care in YAML, RSS and JSON."""
    frame = rng.choice(_FRAMES)
    text = frame.format(*(rng.choice(_TOPICS) for _ in range(frame.count("{}"))))
    return text + rng.choice(("", "", "", "", " & 其他", " <草稿>", "：A & B", " #2", " 'n' \"q\""))


class Bodies:
    """A source of bodies. Its stock of sentences is made once, so that a large corpus takes minutes, not hours."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._stock = [sentence(rng) for _ in range(4000)]

    def _text(self, least: int = 2, most: int = 6) -> str:
        return "".join(self._rng.choices(self._stock, k=self._rng.randint(least, most)))

    def _image(self) -> str:
        return f"/images/{self._rng.randint(2012, 2025)}/{self._rng.randint(1, 900)}.jpg"

    def html(self, size_bytes: int) -> str:
        """A body of about `size_bytes` in HTML."""
        return self._fill(size_bytes, self._html_block)

    def markdown(self, size_bytes: int) -> str:
        """A body of about `size_bytes` in Markdown."""
        return self._fill(size_bytes, self._markdown_block)

    def _fill(self, size_bytes: int, block: Callable[[], str]) -> str:
        blocks = []
        size = 0
        while size < size_bytes:
            blocks.append(block())
            size += len(blocks[-1].encode()) + 2
            if len(blocks) == 1 and self._rng.random() < 0.3:
                blocks.append("<!-- more -->")
        return "\n\n".join(blocks) + "\n"

    def _html_block(self) -> str:
        rng, text = self._rng, self._text
        pick = rng.random()
        if pick < 0.35:
            return f'<p style="text-indent: 2em; text-align: left;">{text()}</p>'
        if pick < 0.6:
            return f"<p>{text()}</p>"
        if pick < 0.7:
            link = rng.choice(("https://example.com/a?b=1&amp;c=2", "/archives/", "../other/", "#top"))
            more = f'<a href="{link}" target="_blank" title="详情">更多</a>'
            return f"<p>{text(1, 2)}{more}<strong>{text(1, 1)}</strong></p>"
        if pick < 0.76:
            return f'<p><img src="{self._image()}" alt="配图" width="640" height="400"></p>'
        if pick < 0.8:
            image = f'<img class="lazy" src="/loading.gif" data-src="{self._image()}">'
            return f"<figure>{image}<figcaption>图</figcaption></figure>"
        if pick < 0.85:
            return f"<h2>{rng.choice(_TOPICS)}与{rng.choice(_TOPICS)}</h2>"
        if pick < 0.9:
            return "<ul>\n" + "".join(f"<li>{text(1, 1)}</li>\n" for _ in range(rng.randint(2, 5))) + "</ul>"
        if pick < 0.94:
            place = rng.randrange(len(_CODE))
            code = _CODE[place].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            return f'<pre><code class="language-{_LANGUAGES[place]}">{code}</code></pre>'
        if pick < 0.97:
            return f"<blockquote><p>{text(1, 2)}</p></blockquote>"
        rows = "".join(f"<tr><td>{rng.choice(_TOPICS)}</td><td>{rng.randint(1, 999)}</td></tr>\n" for _ in range(4))
        return f"<table>\n<tr><th>项目</th><th>数量</th></tr>\n{rows}</table>"

    def _markdown_block(self) -> str:
        rng, text = self._rng, self._text
        pick = rng.random()
        if pick < 0.58:
            return text()
        if pick < 0.7:
            link = rng.choice(("https://example.com/a?b=1&c=2", "/archives/", "../other/"))
            strong = f"**{rng.choice(_TOPICS)}**，`{rng.choice(_LANGUAGES)}`"
            return f'{text(1, 2)}[更多]({link} "详情")，{strong}。{text(1, 1)}'
        if pick < 0.78:
            return f"![配图]({self._image()})"
        if pick < 0.84:
            return f"## {rng.choice(_TOPICS)}与{rng.choice(_TOPICS)}"
        if pick < 0.9:
            return "\n".join(f"- {text(1, 1)}" for _ in range(rng.randint(2, 5)))
        if pick < 0.94:
            place = rng.randrange(len(_CODE))
            return f"```{_LANGUAGES[place]}\n{_CODE[place]}\n```"
        if pick < 0.97:
            return f"> {text(1, 2)}"
        rows = "\n".join(f"| {rng.choice(_TOPICS)} | {rng.randint(1, 999)} |" for _ in range(4))
        return f"| 项目 | 数量 |\n|---|---:|\n{rows}"
