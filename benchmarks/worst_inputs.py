"""What the worst bodies cost: each input of 2 MB is cleaned in a process of its own; time and memory are printed.

    python benchmarks/worst_inputs.py [NAME ...]

Nothing may take more than 5 s of processor time or 300 MB beside the interpreter; what is beyond a bound comes as plain text.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

BYTES = 1_990_000


def filled(piece: str, size: int = BYTES) -> str:
    """The piece again and again, up to the size in bytes."""
    return piece * (size // len(piece.encode()))


def distinct(pattern: str, size: int = BYTES) -> str:
    """The pattern with a number in place of {}, counted up, to the size."""
    pieces, length, number = [], 0, 0
    while length < size:
        pieces.append(pattern.replace("{}", str(number)))
        length += len(pieces[-1])
        number += 1
    return "".join(pieces)


_FORMATTING = "".join(f"<b id={number}>" for number in range(240))
INPUTS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "divs that a wrong end seems to close": ("html", lambda: filled("<div></x>")),
    "nested groups of a drawing": ("html", lambda: "<svg>" + filled("<g></x>")),
    "formatting anew in each paragraph": ("html", lambda: distinct("<p><b id={}></x>x")),
    "240 formats in each paragraph": ("html", lambda: "<p>" + _FORMATTING + filled("<p>x")),
    "fonts that are never closed": ("html", lambda: filled("<font color=red>x")),
    "spans and wrong ends": ("html", lambda: "<span>" * 99_000 + "</i>" * 99_000),
    "formatting and wrong ends": ("html", lambda: distinct("<b id={}>", 26_000) + "</u>" * 190_000),
    "links around blocks": ("html", lambda: filled("<a><div></a>", 1_000_000)),
    "options copied": ("html", lambda: "<select>" + filled("<option selected>x<selectedcontent></selectedcontent>", 1_990_000)),
    "references": ("html", lambda: filled("&lt;")),
    "unclosed references": ("html", lambda: filled("&lt")),
    "less-than signs": ("html", lambda: filled("<")),
    "line breaks": ("html", lambda: filled("<br>")),
    "ends of paragraphs": ("html", lambda: filled("</p>")),
    "comments": ("html", lambda: filled("<!---->")),
    "one comment of dashes": ("html", lambda: "<!--" + filled("-")),
    "doctypes": ("html", lambda: filled("<!doctype>")),
    "a long name": ("html", lambda: "<" + filled("a")),
    "many attributes": ("html", lambda: "<a " + distinct("a{}=1 ") + ">"),
    "tags that never end": ("html", lambda: filled("<a b=\"'")),
    "unclosed scripts": ("html", lambda: filled("<script>")),
    "objects": ("html", lambda: filled("<object>x")),
    "tables in tables": ("html", lambda: filled("<table><tr><td>")),
    "cells fostered out": ("html", lambda: "<table>" + filled("<b>x")),
    "commas of a srcset": ("html", lambda: f'<img srcset="a,{filled(",", 19_000)}b">' + filled('<img srcset="a,,b 1x">')),
    "lists": ("html", lambda: filled("<ul><li>x</ul>")),
    "links": ("html", lambda: distinct("<a href=/a{}>x</a>")),
    "links that cannot be": ("html", lambda: distinct("<a href=javascript:a{}>x</a>")),
    "pictures without address": ("html", lambda: distinct("<img src=data:a{}>")),
    "MathML": ("html", lambda: "<math>" + filled("<mrow>x</mrow>") + "</math>"),
    "MathML nested": ("html", lambda: "<math>" + filled("<mrow>") + "</math>"),
    "KaTeX": ("html", lambda: filled("<span class=katex><math><mi>x</mi></math></span>")),
    "ordinary HTML": ("html", lambda: filled("<p>Some <b>bold</b> text, a <a href=/a>link</a>, and more text.</p>\n")),
    "code": ("html", lambda: "<pre><code>" + filled("List&lt;String&gt; x = y;\n") + "</code></pre>"),
    "one reference for many links": ("markdown", lambda: "[a]: https://ok.example/" + "x" * 20_000 + "\n\n" + filled("[a] ")),
    "one title for many words": ("markdown", lambda: "*[a]: " + "x" * 400 + "\n\n" + filled("a ")),
    "brackets": ("markdown", lambda: filled("[")),
    "brackets and blanks": ("markdown", lambda: filled("[ a")),
    "pictures in pictures": ("markdown", lambda: filled("![a")),
    "stars": ("markdown", lambda: filled("*a ")),
    "stars of many kinds": ("markdown", lambda: filled("a*b**c***")),
    "underscores": ("markdown", lambda: filled("_a_ ")),
    "backticks": ("markdown", lambda: distinct("`{} ").replace("0", "`")),
    "equals": ("markdown", lambda: filled("==a ")),
    "tildes": ("markdown", lambda: filled("~a ~~b ")),
    "dollars": ("markdown", lambda: filled("$a ")),
    "lines of dollars": ("markdown", lambda: filled("$$a\n")),
    "brackets of formulas": ("markdown", lambda: filled("\\(a \\[b ")),
    "backslashes": ("markdown", lambda: filled("\\")),
    "tasks": ("markdown", lambda: filled("- [ ] a\n")),
    "items": ("markdown", lambda: filled("- a\n")),
    "nested items": ("markdown", lambda: filled("- ", 40_000) + filled("* a\n\n")),
    "quotes in quotes": ("markdown", lambda: filled(">", 40_000) + filled("\n> a")),
    "numbers": ("markdown", lambda: distinct("{}. a\n")),
    "footnotes": ("markdown", lambda: distinct("a[^{}]\n\n[^{}]: b\n\n")),
    "uses of a footnote": ("markdown", lambda: "[^a]: b\n\n" + filled("[^a] ")),
    "definitions": ("markdown", lambda: filled("a\n: b\n\n")),
    "terms": ("markdown", lambda: filled("a\nb\nc\n")),
    "containers": ("markdown", lambda: filled("::: a\n")),
    "admonitions": ("markdown", lambda: filled("!!! note\n")),
    "callouts": ("markdown", lambda: filled("> [!NOTE]\n\n")),
    "attribute lists": ("markdown", lambda: filled("{: .a}\n")),
    "span attributes": ("markdown", lambda: filled("`a`{: .a}")),
    "abbreviations": ("markdown", lambda: distinct("*[a{}]: b\n") ),
    "extensions": ("markdown", lambda: filled("{::comment}\n")),
    "addresses": ("markdown", lambda: distinct("https://a.example/{} ")),
    "addresses without end": ("markdown", lambda: filled("https://")),
    "mail": ("markdown", lambda: filled("a@b.c ")),
    "mail without end": ("markdown", lambda: filled("a.")),
    "emoji": ("markdown", lambda: filled(":smile: ")),
    "colons": ("markdown", lambda: filled(":")),
    "tables": ("markdown", lambda: filled("|a|b|\n|-|-|\n|c|d|\n\n")),
    "a wide table": ("markdown", lambda: filled("|a", 100_000) + "|\n" + filled("|-", 100_000) + "|\n" + filled("|b|\n")),
    "headings": ("markdown", lambda: filled("# a\n")),
    "heading of blanks": ("markdown", lambda: "# t" + filled(" ") + "x"),
    "hashes": ("markdown", lambda: filled("#")),
    "underlined headings": ("markdown", lambda: filled("a\n=\n")),
    "HTML among Markdown": ("markdown", lambda: filled("<b>a</b> ")),
    "blocks of HTML": ("markdown", lambda: filled("<div>\n\n")),
    "Markdown within HTML": ("markdown", lambda: filled('<div markdown="1">\n')),
    "quotation marks": ("markdown", lambda: filled("\"'")),
    "dashes": ("markdown", lambda: filled("-- a")),
    "fences": ("markdown", lambda: filled("```\na\n```\n")),
    "a fence of generics": ("markdown", lambda: "```java\n" + filled("List<String> a = b[0] * c;\n") + "```\n"),
    "blank lines": ("markdown", lambda: filled("\n")),
    "tabs": ("markdown", lambda: filled("\t")),
    "ordinary Markdown": ("markdown", lambda: filled("Some **bold** text, a [link](/a), and more text to fill the line.\n\n")),
    "Chinese": ("markdown", lambda: filled("他说**“引用”**，然后走了。\n")),
}  # fmt: skip


def one(name: str, backend: str, renderer: str) -> None:
    """Clean one input here, and print what it took."""
    from feeds import content
    from feeds.content.flavour import PLAIN, overridden

    markup, make = INPUTS[name]
    flavour = overridden(PLAIN, {"renderer": renderer})
    policy = content.Policy(backend=backend)
    content.clean("*a* <b>c</b>", markup, content.Reading(flavour), base_url="https://a.example/", policy=policy)
    body = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    cleaned = content.clean(body, markup, content.Reading(flavour), base_url="https://a.example/b/", policy=policy)
    spent = time.process_time() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    bound = next((note.what.partition(": ")[2] for note in cleaned.notes if note.code == "bound-content"), "")
    print(f"{spent:6.2f} s {grown:5.0f} MB {len(cleaned.html):>9,} {name:40} {bound[:60]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="which inputs; all of them if none is named")
    parser.add_argument("--backend", default="bleach")
    parser.add_argument("--renderer", default="commonmark")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        one(given.names[0], given.backend, given.renderer)
        return
    for name in given.names or INPUTS:
        command = [sys.executable, __file__, name, "--backend", given.backend, "--renderer", given.renderer, "--here"]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            print(
                ran.stdout.rstrip("\n") or f"   failed                  {name}: {ran.stderr.strip().rpartition(chr(10))[2]}",
                flush=True,
            )
        except subprocess.TimeoutExpired:
            print(f"   > 60 s                  {name}", flush=True)


if __name__ == "__main__":
    main()
