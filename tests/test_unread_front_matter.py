"""Front matter that is not recognised is never text: what is not seen is skipped, the rest is an error and the post stays out."""

from __future__ import annotations

import pytest

from feeds.errors import PostError
from feeds.model import Post
from feeds.posts import read
from feeds.settings import Bounds

KEYS = "title: 秘密\ndate: 2020-01-01\ndraft: true"
INVISIBLE = [
    "\ufeff",
    "\u200b",
    "\u00a0",
    "\u200e",
    "\u2060",
    "\u3000",
    "\u00ad",
    "\u200d",
    "\ufeff\u200b \n\t\u00a0",
    "\u2028",
    "\x85",
]


def parse(text: str, name: str = "a.md") -> Post:
    return read.parse(name, text.encode("utf-8"), ("utf-8",), Bounds())


@pytest.mark.parametrize("mark", INVISIBLE, ids=lambda mark: "-".join(f"{ord(one):04X}" for one in mark))
@pytest.mark.parametrize(
    "form",
    [
        "{mark}---\n{keys}\n---\nBODY", "\ufeff{mark}---\n{keys}\n---\nBODY", "---{mark}\n{keys}\n---\nBODY", "---\n{keys}\n---{mark}\nBODY",
        "{mark}+++\ntitle = '秘密'\ndraft = true\n+++\nBODY", '{mark}{{"title": "秘密", "draft": true}}\nBODY', "{mark}Title: 秘密\nDraft: true\n\nBODY",
    ],
)  # fmt: skip
def test_invisible_characters_are_skipped(mark: str, form: str) -> None:
    """Before the fence, before the keys, behind a fence: front matter is read as if they were not there."""
    if "---{mark}" in form:
        mark = "".join(one for one in mark if one not in "\n\u2028\x85")  # the end of a line, to some editors
    post = parse(form.format(mark=mark, keys=KEYS))
    keys = {key.casefold(): value for key, value in post.front_matter.items()}
    assert (keys["title"], keys["draft"], post.body) == ("秘密", "true", "BODY")


@pytest.mark.parametrize(
    "text",
    [
        f"# my post\n---\n{KEYS}\n---\nBODY", f"hello\n---\n{KEYS}\n---\nBODY", f"<!-- note -->\n---\n{KEYS}\n---\nBODY", f"<!--\nlong\nnote\n-->\n\n---\n{KEYS}\n---\nB",
        f"% comment\n---\n{KEYS}\n---\nBODY", f"%YAML 1.2\n---\n{KEYS}\n---\nBODY", f"// x\n---\n{KEYS}\n---\nB", f"#!feeds\n---\n{KEYS}\n---\nB", f"x\n\n---\n{KEYS}\n---\nB",
        f"———\n{KEYS}\n———\nBODY", f"—-\n{KEYS}\n—-\nBODY", f"--\n{KEYS}\n--\nBODY", f"–––\n{KEYS}\n–––\nBODY", f"- - -\n{KEYS}\n- - -\nB", f"－－－\n{KEYS}\n－－－\nB",
        f"***\n{KEYS}\n***\nB", f"===\n{KEYS}\n===\nB", f"___\n{KEYS}\n___\nB", f"~~~\n{KEYS}\n~~~\nB", f"```yaml\n{KEYS}\n```\nB", f'"""\n{KEYS}\n"""\nB', f"一一一\n{KEYS}\n一一一\nB",
        f"<!--\n{KEYS}\n-->\nBODY", f"<!--\n---\n{KEYS}\n---\n-->\nB", f"/*---\n{KEYS}\n---*/\nB", f"# ---\n# {KEYS.replace(chr(10), chr(10) + '# ')}\n# ---\nB",
        f"---\x85{KEYS.replace(chr(10), chr(0x85))}\x85---\x85BODY", f"---\u2028{KEYS.replace(chr(10), chr(0x2028))}\u2028---\u2028BODY", f"---\u2029{KEYS.replace(chr(10), chr(0x2029))}\u2029---\u2029B",
        f"--- php\n{KEYS}\n---\nB", f"---coffee\n{KEYS}\n---\nB", f"=== yaml\n{KEYS}\n===\nB", f"---\n# a comment\n{KEYS}\n\nBODY without a closing fence",
        "draft: true", "<!-- draft: true -->\n\nBODY", "[//]: # (draft: true)\n\nBODY", "# Title\n\nStatus: Draft\nTags: a, b\n\nBODY", "# 标题\n\n状态: 草稿\n\nBODY", "password: hunter2\n\nBODY" * 0 + "> draft: true\n\nBODY",
        '// note\n{"title": "x", "draft": true}\n\nBODY', "---\ntitle: x\n---\n\nstatus: draft\n\nBODY", "- draft: true\n- title: x\n\nBODY", "**Draft**: true\n\nBODY", "draft:: true\n\nBODY", "title:: x\ndate:: 2020-01-01\n\nBODY", ".. title: x\n.. date: 2020-01-01\n.. status: draft\n\nBODY",
        "---\ndraft:true\n---\nBODY", "---\n- draft: true\n- title: x\n---\nBODY", "---\ntitle：秘密\n---\nBODY", "---\n'draft: true'\n---\nBODY", "---\ndraft=true\n---\nBODY",
        "---\n---\n---\ntitle: x\ndraft: true\n---\nBODY", "---\ntitle: x\n---\n---\ntitle: y\ndraft: true\n---\nBODY", "---\ntitle: x\n---\n\ndraft: true\n---\n\nBODY",
        "{title: 'x', draft: true}\nBODY", "{\n  title: 'x'\n}\nBODY", "---js\nimport x from 'y'; export default {draft: true}\n---\nBODY", '---js\n({draft: isDraft()})\n---\nBODY',
        '{"title": "a", "draft": true,}\nBODY', '{"title": "a"\nBODY', "+++\ntitle = 'x'\ndraft = true\nBODY", ";;;\n\"title\": \"x\"\nBODY",
        "title = 'x'\ndraft = true\n\nBODY", "Title: x\nStatus:draft\nodd line\n\nBODY", "<!-- title: x -->\n<!-- date: 2020-01-01 -->\nBODY",
    ],
)  # fmt: skip
def test_front_matter_that_is_not_read_is_an_error(text: str) -> None:
    """Never the text of a post: what hides it was meant to be read."""
    if text == "draft: true":
        assert parse(text).front_matter == {"draft": "true"}
        return
    with pytest.raises(PostError) as error:
        parse(text)
    problem = error.value.problem
    assert problem.severity == "error" and problem.line is not None and problem.fix, problem
    assert len(problem.what) < 300 and problem.what.isprintable()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("---js\n{title: 'x', draft: true, tags: [\"a\", 'b',], n: 1, // note\n}\n---\nBODY", {"title": "x", "draft": "true", "tags": ["a", "b"], "n": "1"}),
        ("---javascript\nconst title = \"x\";\nconst draft = true;\n---\nBODY", {"title": "x", "draft": "true"}),
        (
            "---js\n{title: 'x', pagination: {data: 'collections.all', before: function (items, data) { return items.filter((item) => { return item.a; }); }}}\n---\nBODY",
            {"title": "x", "pagination": {"data": "collections.all", "before": None}},
        ),
        ("---js\nexport const title = 'x'\nlet tags = ['a',\n  'b']\n---\nBODY", {"title": "x", "tags": ["a", "b"]}),
        ("---js\n{title: 'x', n: 0x10, m: 0X1F, o: -0x10, p: Infinity, q: .5}\n---\nBODY", {"title": "x", "n": "16", "m": "31", "o": "-16", "p": "inf", "q": ".5"}),
        ('---json\n{"title": "x", "draft": true}\n---\nBODY', {"title": "x", "draft": "true"}), ("---toml\ntitle = 'x'\ndraft = true\n---\nBODY", {"title": "x", "draft": "true"}),
        ("---yaml\ntitle: x\n---\nBODY", {"title": "x"}), ("--- yml\ntitle: x\n---\nBODY", {"title": "x"}), ("--- # note\ntitle: x\n---\nBODY", {"title": "x"}),
        (';;;json\n"title": "x"\n;;;\nBODY', {"title": "x"}), ('"title": "x",\n"draft": true\n;;;\nBODY', {"title": "x", "draft": "true"}), ("-----\ntitle: x\n-----\nBODY", {"title": "x"}), ("+++toml\ntitle = 'x'\n+++\nBODY", {"title": "x"}),
        ("Password: x\nTitle: y\n\nBODY", {"Password": "x", "Title": "y"}), ("Title: x\nStatus:draft\n\nBODY", {"Title": "x", "Status": "draft"}),
        ("Draft: true\nDraft: false\n\nBODY", {"Draft": "true false"}),
    ],
)  # fmt: skip
def test_forms_that_are_read(text: str, keys: dict[str, object]) -> None:
    """What gray-matter, Eleventy and Hexo name behind the fence."""
    post = parse(text)
    assert dict(post.front_matter) == keys and post.body == "BODY"
    assert post.body_line == text.count("\n") + 1


@pytest.mark.parametrize(
    "text",
    [
        "# ADR 1\n\nStatus: accepted\nDate: 2020-01-01\n\nText" * 0 + "Just text.", "# How to\n\nWrite this:\n\n```yaml\n---\ntitle: x\ndraft: true\n---\n```\n",
        "A line\n\n    ---\n    title: x\n    draft: true\n    ---\n", "Heading\n-------\n\nDate: soon.\n", "---\n\nA post that begins with a rule.\n\n---\n\nmore", "Note: this is a sentence.\n\nb",
        "# Heading\n\nIngredients:\n\n- tea: 3 g\n- water: 100 ml\n", "Dear all: hello\n\nStatus: all good, see you.\n", "| a: b | c |\n|---|---|\n", "https://example.org/?draft=true\n",
        "{{ page.title }}: x\n", "{% raw %}\ntitle\n{% endraw %}", "{: .lead}\ntext", "> Quote: a\n> b\n", "<!-- more -->\ntext: x", "<p>title: x</p>", "* * *\n\ntext", "***\ntext\n***\n",
        "Q: What is a draft?\nA: Something.\n", "```js\nconst draft = true;\n```\n" * 0 + "x", "Tomorrow: rain\n---\n\ntext", "版权声明：本文为原创\n\n正文", "注意：密码是什么？见下文的长长长长的说明 和 另一个 词 再 一个\n\n正文",
        "# Tea\n\nOptions:\n\n- `draft`: true or false\n- `_render`：那个方法\n", "`published`: false keeps a post back.\n",
        "连接数据库的参数：\n\n- **host**: 主机名\n- **password**: 数据库密码\n", "Options:\n\n1. **user** : a name\n2. **password** : its secret\n",
        "```embed\ntitle: 'x'\nimage: 'y'\ndescription: z\n```\n",
        "```js\nexport const rules = [\n  {\n    title: 'x',\n    tags: ['a'],\n    slug: 'x',\n",
        "One line.\nTwo lines.\nThree lines.\nFour lines.\ntitle: x\ndraft: true\n", "Status: accepted\n\ntext" * 0 + "a = b\nc = d\n", "$x = 1$\n\n$$y = 2$$",
    ],
)  # fmt: skip
def test_ordinary_text_is_not_taken_for_front_matter(text: str) -> None:
    """What only looks a little like it loses nothing."""
    post = parse(text)
    assert post.front_matter == {} and post.body == text


@pytest.mark.parametrize(
    "body",
    [
        "Title: x\n\ntext",
        "---\n\ntext\n\n---\n",
        "Author: Ben\n---\ntext",
        "draft: yesterday I wrote\n\ntext",
        "- a: b\n- c: d\n",
        "```yaml\n---\ntitle: x\ndraft: true\n---\n```",
    ],
)
def test_a_body_may_begin_with_keys(body: str) -> None:
    """Behind front matter that was read, only a second block within fences is one."""
    assert parse("---\ntitle: a\n---\n" + body).body == body


@pytest.mark.parametrize(
    "text",
    [
        "- **host**: a\n- **password**: b\n\nText",  # nothing above it
        "Intro.\n\n- host: a\n- password: b\n\nText",  # not in bold
        "Intro.\n\n- **title**: a\n- **draft**: true\n\nText",  # a flag
        "Intro.\n\n- **host**: a\npassword: b\n\nText",
    ],
)
def test_only_a_list_below_a_text_explains_keys(text: str) -> None:
    with pytest.raises(PostError):
        parse(text)
