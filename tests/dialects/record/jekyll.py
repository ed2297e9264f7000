#!/usr/bin/env python3
"""Records what Jekyll publishes for each case site: rewrites `expected.json` beside every `site/` folder.

    python record.py [CASES [NAME ...]]

Needs the Debian packages jekyll, ruby-jekyll-feed, ruby-jekyll-redirect-from, ruby-jekyll-gist, ruby-jekyll-relative-links,
ruby-jekyll-toc, ruby-jekyll-last-modified-at and the Python package lxml. `timezone` in an existing expected.json is the
machine's zone for the run (UTC if there is none); `notes`, and the `deviations` of posts, are kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin

import lxml.html

RUBY = r"""
require "json"
require "jekyll"
module Convert
  MADE = {}
end
Jekyll::Hooks.register(:documents, :post_convert) { |doc| Convert::MADE[doc.relative_path] = doc.content.dup }
source, scratch = ARGV
config = Jekyll.configuration("source" => source, "destination" => File.join(scratch, "out"), "disable_disk_cache" => true, "quiet" => true)
site = Jekyll::Site.new(config)
site.process
drop = Liquid::Context.new({}, {}, { :site => site })
filters = Object.new.extend(Jekyll::Filters)
filters.instance_variable_set(:@context, drop)
stamp = ->(time) { time && time.iso8601 }
lists = ->(value) { Array(value).map(&:to_s) }
root = site.source + "/"
rows = site.posts.docs.map do |doc|
  updated = doc.data["last_modified_at"]
  updated = Jekyll::Utils.parse_date(updated.to_s) if updated
  { "source" => doc.path.sub(root, ""), "url" => filters.absolute_url(doc), "title" => doc.data["title"].to_s,
    "published" => stamp.(doc.date), "updated" => stamp.(updated), "categories" => lists.(doc.data["categories"]).map { |name| [name] },
    "tags" => lists.(doc.data["tags"]), "lang" => doc.data["lang"], "draft" => doc.data["draft"] ? true : nil,
    "html" => Convert::MADE[doc.relative_path] || doc.content }.compact
end
home = filters.absolute_url("/")
feeds = site.pages.select { |page| page.class.name == "JekyllFeed::PageWithoutAFile" }.map(&:url)
puts JSON.generate({ "version" => Jekyll::VERSION, "home" => home, "posts" => rows.sort_by { |row| row["source"] }, "feeds" => feeds })
"""
NOT_TEXT = {".png", ".jpg", ".svg", ".css", ".scss", ".yml", ".yaml", ".toml", ".js", ".csv", ".json"}


def record(case: Path) -> None:
    """Runs Jekyll on a copy of the case's site and writes expected.json."""
    target = case / "expected.json"
    before = json.loads(target.read_text("utf-8")) if target.exists() else {}
    zone = before.get("timezone", "UTC")
    deviations = {row["source"]: row["deviations"] for row in before.get("posts", ()) if "deviations" in row}
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, "site")
        shutil.copytree(case / "site", copy)
        script = Path(scratch, "dump.rb")
        script.write_text(RUBY, "utf-8")
        environment = {**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8", "JEKYLL_ENV": "production"}
        environment.pop("BUNDLE_GEMFILE", None)
        done = subprocess.run(
            ["ruby", str(script), str(copy), scratch], cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{case.name}: jekyll failed\n{done.stderr[-3000:]}")
    parsed = json.loads(done.stdout.strip().splitlines()[-1])
    for row in parsed["posts"]:
        tree = lxml.html.fragment_fromstring(row["html"], create_parent="div")
        row["images"] = [urljoin(row["url"], node.get("src")) for node in tree.iter("img") if node.get("src")]
        if row["source"] in deviations:
            row["deviations"] = deviations[row["source"]]
        row["links"] = [urljoin(row["url"], node.get("href")) for node in tree.iter("a") if node.get("href")]
    posts = {row["source"] for row in parsed["posts"]}
    files = sorted(str(path.relative_to(case / "site")) for path in (case / "site").rglob("*") if path.is_file())
    not_posts = [
        name
        for name in files
        if name not in posts and Path(name).suffix not in NOT_TEXT and not name.startswith(("_includes/", "_layouts/"))
    ]
    result = {
        "generator": f"jekyll {parsed['version']}",
        "timezone": zone,
        "home": parsed["home"],
        "posts": parsed["posts"],
        "not_posts": not_posts,
    }
    if parsed["feeds"]:
        result["feeds"] = parsed["feeds"]
    if "notes" in before:
        result["notes"] = before["notes"]
    target.write_text(json.dumps(result, ensure_ascii=False, indent=1, sort_keys=False) + "\n", "utf-8")
    sys.stdout.write(f"{case.name}: {len(parsed['posts'])} posts, {len(not_posts)} others\n")


if __name__ == "__main__":
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    names = sys.argv[2:] or sorted(path.name for path in root.iterdir() if (path / "site").is_dir())
    for name in names:
        record(root / name)
