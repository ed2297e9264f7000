"""Records what Nikola publishes for each case folder of the folder that is given (default: its own).

    python -m venv v && v/bin/pip install 'nikola[extras]' beautifulsoup4 && v/bin/python nikola.py [CASES]

Comes in: CASE/site with conf.py. Goes out: CASE/expected.json, one row per source file (a translation is a row of its own).
Must not: change anything in a site.
"""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin

TEXT_SUFFIXES = {".md", ".markdown", ".rst", ".txt", ".html", ".meta"}


def record_case(case: Path) -> None:
    """Loads one case's site in Nikola (in this process), compiles each post, and writes expected.json."""
    import lxml.html
    import nikola
    from bs4 import BeautifulSoup
    from nikola import Nikola
    from nikola.utils import LocaleBorg

    with tempfile.TemporaryDirectory() as folder:
        site_path = Path(folder, "site")
        shutil.copytree(case / "site", site_path)
        os.chdir(site_path)
        config = runpy.run_path("conf.py")
        config = {key: value for key, value in config.items() if key.isupper()}
        site = Nikola(**config, __configuration_filename__=str(site_path / "conf.py"), __invariant__=False, quiet=True)
        site.init_plugins()
        site.scan_posts()
        home = site.config["SITE_URL"]
        posts = []
        for post in site.timeline:
            if not post.use_in_feeds:
                continue
            for lang in sorted(post.translated_to):
                LocaleBorg().set_locale(lang)
                post.compile(lang)
                url = post.permalink(lang, absolute=True)
                document = lxml.html.fromstring("<div>" + (post.text(lang) or "") + "</div>")
                document.rewrite_links(
                    lambda link, lang=lang, post=post: site.url_replacer(post.permalink(lang), link, lang, "absolute")
                )
                html = lxml.html.tostring(document, encoding="unicode").removeprefix("<div>").removesuffix("</div>")
                soup = BeautifulSoup(html, "html.parser")
                posts.append(
                    {
                        "source": post.translated_source_path(lang).removeprefix("./"),
                        "url": url,
                        "title": post.title(lang),
                        "published": post.date.isoformat(),
                        "updated": post.updated.isoformat() if post.updated != post.date else None,
                        "categories": [list(site.parse_category_name(post.meta[lang]["category"]))]
                        if post.meta[lang]["category"]
                        else [],
                        "tags": post.tags_for_language(lang),
                        "authors": post.authors(lang),
                        "lang": lang,
                        "html": html,
                        "images": [urljoin(url, image["src"]) for image in soup.find_all("img", src=True)],
                        "links": [urljoin(url, link["href"]) for link in soup.find_all("a", href=True)],
                    }
                )
    reasons = json.loads(file.read_text()).get("deviations", {}) if (file := case / "case.json").exists() else {}
    posts = [{**post, "deviations": reasons[post["source"]]} if post["source"] in reasons else post for post in posts]
    sources = {post["source"] for post in posts}
    files = sorted(
        file.relative_to(case / "site").as_posix() for file in (case / "site").rglob("*") if file.suffix.lower() in TEXT_SUFFIXES
    )
    expected = {
        "generator": f"nikola {nikola.__version__}",
        "timezone": "UTC",
        "home": home,
        "posts": sorted(posts, key=lambda post: str(post["source"])),
        "not_posts": [file for file in files if file not in sources],
    }
    (case / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Records each case in a process of its own: Nikola keeps its locale and plugins between runs. -P: this file is called like the package."""
    if len(arguments) == 2 and arguments[0] == "--case":
        record_case(Path(arguments[1]))
        return 0
    cases = Path(arguments[0] if arguments else Path(__file__).parent).resolve()
    failed = 0
    for case in sorted(path.parent for path in cases.glob("*/site")):
        environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        failed |= subprocess.run([sys.executable, "-P", __file__, "--case", str(case)], env=environment, check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
