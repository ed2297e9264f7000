"""Small blogs as their generators make them, for the five-minute pages of docs/start: path -> text."""

from __future__ import annotations

from collections.abc import Mapping

POST = "---\ntitle: Green tea\ndate: 2024-05-01 08:00:00\ntags: [tea]\n---\nWater at 80 °C. See [the other post]({link}).\n"
OTHER = "---\ntitle: Black tea\ndate: 2024-06-02 08:00:00\n---\nBoiling water.\n"

SITES: Mapping[str, Mapping[str, str]] = {
    "hexo": {
        "_config.yml": "title: Tea Notes\nurl: https://tea.example\npermalink: :year/:month/:day/:title/\ntimezone: Europe/Berlin\n",
        "package.json": '{"name": "hexo-site", "dependencies": {"hexo": "^8.0.0", "hexo-generator-feed": "^3.0.0"}}\n',
        "source/_posts/green.md": POST.format(link="{% post_path black %}"),
        "source/_posts/black.md": OTHER,
    },
    "jekyll": {
        "_config.yml": "title: Tea Notes\nurl: https://tea.example\nplugins: [jekyll-feed]\n",
        "Gemfile": 'source "https://rubygems.org"\ngem "jekyll"\n',
        "_posts/2024-05-01-green.md": POST.format(link="{% post_url 2024-06-02-black %}"),
        "_posts/2024-06-02-black.md": OTHER,
    },
    "hugo": {
        "hugo.toml": 'baseURL = "https://tea.example/"\ntitle = "Tea Notes"\nlanguageCode = "en"\n',
        "content/posts/green.md": POST.format(link='{{< ref "black.md" >}}'),
        "content/posts/black.md": OTHER,
    },
    "pelican": {
        "pelicanconf.py": 'AUTHOR = "Ann"\nSITENAME = "Tea Notes"\nSITEURL = "https://tea.example"\nPATH = "content"\nTIMEZONE = "Europe/Berlin"\n',
        "content/green.md": "Title: Green tea\nDate: 2024-05-01 08:00\nTags: tea\n\nSee [the other post]({filename}black.md).\n",
        "content/black.md": "Title: Black tea\nDate: 2024-06-02 08:00\n\nBoiling water.\n",
    },
    "eleventy": {
        "package.json": '{"name": "tea", "homepage": "https://tea.example/", "dependencies": {"@11ty/eleventy": "^3.0.0"}}\n',
        "eleventy.config.js": 'export default function (config) { return { dir: { input: "src", output: "_site" } }; }\n',
        "src/posts/posts.json": '{"tags": "posts"}\n',
        "src/posts/green.md": POST.format(link="black.md"),
        "src/posts/black.md": OTHER,
    },
    "obsidian": {
        ".obsidian/app.json": "{}\n",
        "Tea/Green tea.md": "---\ncreated: 2024-05-01\ntags: [tea]\npublish: true\n---\nWater at 80 °C. See [[Black tea]].\n",
        "Tea/Black tea.md": "---\ncreated: 2024-06-02\npublish: true\n---\nBoiling water.\n",
        "Diary/2024-06-03.md": "Nobody reads this.\n",
    },
    "folder": {
        "notes/2024-05-01-green.md": "# Green tea\n\nWater at 80 °C. See [the other note](2024-06-02-black.md).\n",
        "notes/2024-06-02-black.md": "# Black tea\n\nBoiling water.\n",
    },
}
