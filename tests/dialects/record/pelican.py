"""Records what Pelican publishes for each case folder of the folder that is given (default: its own).

    python -m venv v && v/bin/pip install 'pelican[markdown]' beautifulsoup4 && v/bin/python pelican.py [CASES]

Comes in: CASE/site with pelicanconf.py (or publishconf.py). Goes out: CASE/expected.json. Must not: change anything in a site.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin

TEXT_SUFFIXES = {".md", ".markdown", ".mkd", ".mdown", ".rst", ".html", ".htm", ".txt"}


def record_case(case: Path) -> None:
    """Runs Pelican on a copy of one case's site (in this process) and writes expected.json."""
    import pelican
    from bs4 import BeautifulSoup
    from feedgenerator.django.utils.encoding import iri_to_uri
    from markupsafe import Markup
    from pelican import Pelican, signals
    from pelican.settings import read_settings

    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        shutil.copytree(case / "site", site)
        os.chdir(site)
        config = site / ("publishconf.py" if (site / "publishconf.py").exists() else "pelicanconf.py")
        path = "content" if (site / "content").is_dir() else "."
        settings = read_settings(
            str(config), override={"PLUGINS": [], "THEME": "simple", "OUTPUT_PATH": str(Path(folder, "output"))}
        )
        if not re.search(r"(?m)^PATH\s*=", "".join(file.read_text() for file in site.glob("*conf.py"))):
            settings["PATH"] = str(site / path)  # as `pelican content` does
        home = settings["SITEURL"].rstrip("/") + "/"
        posts: list[dict[str, object]] = []

        def dump(generators: list[object]) -> None:
            articles = next(generator for generator in generators if type(generator).__name__ == "ArticlesGenerator")
            for article in [*articles.articles, *articles.translations]:
                url = iri_to_uri(urljoin(home, article.url))
                html = article.get_content(settings["SITEURL"])
                soup = BeautifulSoup(html, "html.parser")
                posts.append(
                    {
                        "source": Path(article.source_path).resolve().relative_to(site.resolve()).as_posix(),
                        "url": url,
                        "title": str(Markup(article.title).striptags()),
                        "published": article.date.isoformat(),
                        "updated": article.modified.isoformat() if hasattr(article, "modified") else None,
                        "categories": [[article.category.name]],
                        "tags": [tag.name for tag in getattr(article, "tags", [])],
                        "authors": [author.name for author in getattr(article, "authors", [])],
                        "lang": article.lang,
                        "html": html,
                        "images": [urljoin(url, image["src"]) for image in soup.find_all("img", src=True)],
                        "links": [urljoin(url, link["href"]) for link in soup.find_all("a", href=True)],
                    }
                )

        signals.all_generators_finalized.connect(dump)
        Pelican(settings).run()
    reasons = json.loads(file.read_text()).get("deviations", {}) if (file := case / "case.json").exists() else {}
    posts = [{**post, "deviations": reasons[post["source"]]} if post["source"] in reasons else post for post in posts]
    sources = {post["source"] for post in posts}
    files = sorted(
        file.relative_to(case / "site").as_posix() for file in (case / "site").rglob("*") if file.suffix.lower() in TEXT_SUFFIXES
    )
    expected = {
        "generator": f"pelican {pelican.__version__}",
        "timezone": "UTC",
        "home": home,
        "posts": sorted(posts, key=lambda post: str(post["source"])),
        "not_posts": [file for file in files if file not in sources],
    }
    (case / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Records each case in a process of its own: Pelican keeps settings between runs. -P: this file is called like the package."""
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
