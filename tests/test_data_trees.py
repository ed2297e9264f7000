"""Settings and data files of any shape are read, or refused in one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from feeds.data_trees import json_tree, toml_tree
from feeds.dialects import by_name
from feeds.dialects.config_files import SiteFolder, UnreadableError
from feeds.dialects.javascript import literals
from feeds.migrate import init

DEEP_JSON = '{"a":' * 50_000
LONG_KEY = ".".join("a" * 30_000) + " = 1"


@pytest.mark.parametrize("text", [DEEP_JSON, "[" * 50_000, "{", ""])
def test_json_that_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        json_tree(text)


@pytest.mark.parametrize("text", [LONG_KEY, f"[{LONG_KEY[:-4]}]", "a = " + "[" * 50_000, "a ="])
def test_toml_that_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        toml_tree(text)


def test_what_is_read() -> None:
    assert toml_tree('a.b = "..."\n') == {"a": {"b": "..."}}
    assert toml_tree("".join(f'k{number} = "a.b.c"\n' for number in range(900)))["k1"] == "a.b.c"
    assert json_tree('{"a": [1]}') == {"a": [1]}


@pytest.mark.parametrize("doubled", ["`${{a{0}}}${{a{0}}}`", "[a{0}, a{0}]", "{{x: a{0}, y: a{0}}}"])
def test_constants_that_name_each_other_twice(doubled: str) -> None:
    """Sixty lines would hold more than any memory; what such constants are used for is not known."""
    lines = (f"const a{number + 1} = {doubled.format(number)};" for number in range(60))
    code = "\n".join(("const a0 = 'xxxxxxxxxx';", *lines, "module.exports = {small: a1, large: a60};"))
    tree = literals.exported(code)
    assert tree["small"] and literals.weight(tree, 1_000_000) <= 100_000
    with pytest.raises(ValueError, match="far more"):
        literals.exported(f"const a0 = '{'x' * 90_000}';\nmodule.exports = {{ {', '.join(f'k{n}: a0' for n in range(99))} }};")


def test_calls_that_never_end(tmp_path: Path) -> None:
    """Behind each the code is read on, but only so far; a folder's name that no file can have is no folder."""
    (tmp_path / "eleventy.config.js").write_text(f"module.exports = {{ dir: {{ input: '{'a' * 6000}' }} }};\n")
    (tmp_path / "p.md").write_text("---\ntitle: a\n---\nb\n")
    assert init.run(tmp_path, base_url="https://example.org/").path.exists()
    assert len(list(literals.first(re.finditer("pathPrefix: ", "pathPrefix: " * 3000)))) == 300
    assert literals.value_at("a(" * 100_000, 0, {}) == (literals.UNKNOWN, 200_000)


@pytest.mark.parametrize(
    ("generator", "files", "refused"),
    [
        ("hexo", {"_config.yml": "url: https://example.org\n", "package.json": DEEP_JSON}, False),
        ("obsidian", {".obsidian/app.json": DEEP_JSON}, False),
        ("hugo", {"hugo.toml": LONG_KEY}, True),
        ("zola", {"config.toml": f'base_url = "https://example.org"\n{LONG_KEY}', "content/_index.md": "+++\n+++\n"}, True),
    ],
)
def test_settings_of_a_generator(tmp_path: Path, generator: str, files: dict[str, str], refused: bool) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    try:
        by_name(generator).detect(SiteFolder(tmp_path))
    except UnreadableError as error:
        assert refused and len(str(error)) < 300
    else:
        assert not refused
