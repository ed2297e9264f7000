"""What commands print for people, in English and in Chinese: both are complete, and JSON is neither."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from feeds.cli import catalogue, language, sentences, templates
from feeds.cli.main import main

TRANSLATED = [name for name, folder in language.LANGUAGES.items() if folder]


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    language.choose({})
    language._catalogue.cache_clear()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/tea.md").write_text("---\ntitle: 茶\ndate: 2021-08-04\n---\n水温八十度。\n", "utf-8")
    (tmp_path / "posts/bad.md").write_text("---\ntitle: [\n---\nx\n", "utf-8")
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_message_is_translated_and_nothing_besides(name: str) -> None:
    """`python -m feeds.cli.catalogue` adds what is new; translate it in feeds/locale."""
    known = {message.id: message.string for message in catalogue.load(name) if message.id}
    assert [text for text in catalogue.messages() if not known.get(text)] == []
    assert known.keys() - set(catalogue.messages()) == set()


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_holds_what_the_text_holds(name: str) -> None:
    """The same values to fill in, commands, flags and variables."""
    for message in catalogue.load(name):
        if not message.id:
            continue
        assert set(re.findall(r"\{\w+\}", message.id)) == set(re.findall(r"\{\w+\}", message.string)), message.id
        for pattern in (r"`[^`]+`", r"(?<![\w-])--[a-z-]+", r"FEEDS_\w+"):
            assert set(re.findall(pattern, message.id)) <= set(re.findall(pattern, message.string)), message.id


@pytest.mark.parametrize("name", TRANSLATED)
def test_catalogues_are_read_as_gettext_reads_them(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each text has the translation that Babel reads, also with the characters that a .po file escapes."""
    own = {message.id: message.string for message in catalogue.load(name) if message.id and message.string}
    language.choose({"FEEDS_MESSAGES": name})
    assert {text: language.translated(text) for text in own} == own and set(language.known_texts(language.current())) == set(own)
    odd = Catalog(language.LANGUAGES[name])
    odd.add('a "b" \\ c\n\td, and so on' + " long" * 40, 'x "y" \\n z\n\t' + "长" * 200)
    path = tmp_path / language.LANGUAGES[name] / "LC_MESSAGES" / "feeds.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, odd, width=60)
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language._catalogue.cache_clear()
    assert {text: language.translated(text) for text in language.known_texts(language.current())} == {
        message.id: message.string for message in odd if message.id
    }


@pytest.mark.parametrize(
    ("environ", "chinese"),
    [
        ({}, False), ({"LANG": "C.UTF-8"}, False), ({"LANG": "en_GB.UTF-8"}, False), ({"LANG": "de_DE.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8"}, True), ({"LANG": "zh_SG.UTF-8"}, True), ({"LANG": "zh_TW.UTF-8"}, False),
        ({"LANGUAGE": "zh_CN:en", "LANG": "en_US.UTF-8"}, True), ({"LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, False),
        ({"LC_ALL": "zh_CN.GB18030", "LANG": "C"}, True), ({"LC_MESSAGES": "zh_CN", "LANG": "C"}, True),
        ({"FEEDS_MESSAGES": "en", "LANG": "zh_CN.UTF-8"}, False), ({"FEEDS_MESSAGES": "zh-CN", "LC_ALL": "C"}, True),
        ({"LANG": "zz_ZZ@x.y"}, False),
    ],
)  # fmt: skip
def test_the_environment_chooses(environ: dict[str, str], chinese: bool) -> None:
    language.choose(environ)
    assert (language.translated("Done.") == "完成。") is chinese


def test_the_setting_chooses(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`messages` of feeds.toml goes before the environment; help and findings are in that language, too."""
    (site / "feeds.toml").write_text('base_url = "https://example.org/"\nmessages = "zh-CN"\n')
    assert main(["check"]) == 1
    output = capsys.readouterr().out
    assert "会发布 1 篇文章；1 个错误" in output and "错误：" in output and "front matter 不是合法的 YAML" in output
    assert main(["check", "--help"]) == 0
    assert "Tell what is wrong" in capsys.readouterr().out  # help reads no settings


def test_in_chinese(site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of each kind, from the environment's language; JSON is in English, errors too."""
    monkeypatch.setenv("FEEDS_MESSAGES", "zh-CN")
    assert main(["build", "-v"]) == 1
    assert "已发布：1 篇文章" in capsys.readouterr().out
    assert main(["explain", "posts/tea.md"]) == 0
    assert "posts/tea.md 已发布：茶" in capsys.readouterr().out
    assert main(["buidl"]) == 2
    assert "没有命令 'buidl'；是不是想输入 \"build\"？" in capsys.readouterr().err.replace("; ", "；")
    assert main(["build", "--limti", "1", "--json"]) == 2
    printed = capsys.readouterr()
    assert "没有选项 --limti" in printed.err
    assert "--limti is not an option" in json.loads(printed.out)["error"]["message"]
    assert main(["check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["problems"][0]["severity"] == "error"
    assert main(["help", "exit-codes"]) == 0
    assert "完成。" in capsys.readouterr().out


def test_a_blog_moves_in_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line of the screen of `feeds init`, the notes of the generator among them; so is what a post of it has wrong."""
    monkeypatch.setenv("FEEDS_MESSAGES", "zh-CN")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source/_posts").mkdir(parents=True)
    (tmp_path / "_config.yml").write_text(
        "title: 茶\nurl: http://example.com\ndeploy:\n  repo: git@github.com:tea/tea.github.io\n"
    )
    (tmp_path / "package.json").write_text('{"dependencies": {"hexo": "^7"}}')
    (tmp_path / "source/_posts/茶.md").write_text("---\ntitle: 水\ndate: 2024-13-02\n---\n八十度。\n", "utf-8")
    (tmp_path / "source/_posts/稿.md").write_text("---\ntitle: 稿\ndate: 2024-01-02\npublished: false\n---\n水。\n", "utf-8")
    assert main(["init"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert "1 篇文章，1 个订阅源，另有 1 篇不发布（1 不发布）" in lines
    assert any("时区" in line for line in lines) and any("设置里的仓库" in line for line in lines)
    in_english = [line for line in lines if re.search("[a-z]", line) and not re.search("[\u4e00-\u9fff]", line)]
    assert in_english == []
    assert main(["check"]) == 0
    assert "'2024-13-02' 里的日期或时间不存在；生成器把它当作 2025-01-02 00:00:00" in capsys.readouterr().out


def test_each_command_helps_in_chinese(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """No English sentence is left in the list of commands."""
    monkeypatch.setenv("FEEDS_MESSAGES", "zh-CN")
    assert main(["--help"]) == 0
    rows = re.findall(r"(?m)^  [a-z]+ {2,}(.+)$", capsys.readouterr().out)
    assert len(rows) >= 12 and all(re.search("[\u4e00-\u9fff]", row) for row in rows)


def test_a_finished_message_is_recognised() -> None:
    """Its parts, its place and its values; what no template fits, and what an author wrote, stays."""
    language.choose({"FEEDS_MESSAGES": "zh-CN"})
    assert sentences.phrase("the title is a number") == "标题是数字"
    assert sentences.phrase("a title of 9 characters is cut at 4") == "9 个字符的标题截到 4 个"
    # Keys and values of front matter stay as they must be written, though some of them are words of ours, too.
    assert (
        sentences.phrase('"darft" is not a key that is read, but it looks like draft') == '"darft" 不是会读取的键，但很像 draft'
    )
    assert (
        sentences.phrase('write draft, or name "darft" in visibility.ignored_keys')
        == '写 draft，或把 "darft" 写进 visibility.ignored_keys'
    )
    told = sentences.phrase('"darft" is not a key that is read, but it looks like draft; the post stays out')
    assert told == '"darft" 不是会读取的键，但很像 draft；文章不发布'
    assert sentences.phrase("write published") == "写成 published"
    assert sentences.sentence('feeds.toml:3: sub: title: is not a setting (did you mean "title"?)') == (
        'feeds.toml:3: sub: title: 没有这项设置（是不是想写 "title"？）'
    )
    text = (
        "/x: the folder cannot be read: No such file; expected a folder of posts (mount it, or fix its path or its permissions)"
    )
    assert sentences.sentence(text) == "/x: 无法读取文件夹：No such file；应为文章文件夹（挂载它，或改正路径或权限）"
    for kept in ("a poem about tea", "the sea is not the sky", "", "一首诗", "x" * 5000, "{0}", "a (b"):
        assert sentences.sentence(kept) == kept
    language.choose({})
    assert sentences.sentence(text) == text


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_template_is_found_again(name: str) -> None:
    """Filled with values, each gives a translation that holds them."""
    language.choose({"FEEDS_MESSAGES": name})
    for text in dict.fromkeys(templates.templates()):
        filled = sentences.PLACE.sub(lambda match: f"<{match[1]}>", text)
        result = sentences.phrase(filled)
        if language.translated(text) == text:
            continue  # a command, or a name
        assert result != filled or not re.search("[a-z]{3,} [a-z]{3,}", text), text
        assert set(re.findall(r"<\d>", result)) == set(re.findall(r"<\d>", filled)), text
