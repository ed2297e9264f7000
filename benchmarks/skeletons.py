"""What each generator needs beside the posts: in comes a form's name, out go files; for Hugo templates too.

The comparison wants of each tool RSS and Atom for the site and each category, the newest 20 posts with full content,
and no pages. Must not write anything itself.
"""

from __future__ import annotations

BASE_URL = "https://example.org/"

_HUGO = f"""\
baseURL = "{BASE_URL}"
title = "Corpus"
locale = "zh-CN"
timeZone = "Asia/Shanghai"
disableKinds = ["sitemap", "robotsTXT", "404"]

[security]
allowContent = [".*"]

[taxonomies]
category = "categories"

[outputs]
home = ["rss", "atom"]
term = ["rss", "atom"]
section = []
taxonomy = []

[mediaTypes."application/atom+xml"]
suffixes = ["xml"]

[outputFormats.rss]
baseName = "rss"
mediaType = "application/rss+xml"

[outputFormats.atom]
baseName = "atom"
mediaType = "application/atom+xml"
isPlainText = false

[markup.goldmark.renderer]
unsafe = true

# Pages are listed, so that feeds have content, but none is written.
[[cascade]]
[cascade.build]
render = "link"
list = "always"
publishResources = false
[cascade.target]
kind = "page"
"""

_RSS = """\
{{- printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>{{ .Title }}</title>
<link>{{ .Permalink }}</link>
<description>{{ .Title }}</description>
{{- $pages := cond .IsHome site.RegularPages .RegularPages }}
{{- range first 20 $pages.ByDate.Reverse }}
<item>
<title>{{ .Title }}</title>
<link>{{ .Permalink }}</link>
<guid>{{ .Permalink }}</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" }}</pubDate>
<description>{{ .Summary | plainify | html }}</description>
<content:encoded>{{ .Content | html }}</content:encoded>
</item>
{{- end }}
</channel>
</rss>
"""

_ATOM = """\
{{- printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<feed xmlns="http://www.w3.org/2005/Atom">
<title>{{ .Title }}</title>
<id>{{ .Permalink }}</id>
<link href="{{ .Permalink }}"/>
<updated>{{ .Lastmod.Format "2006-01-02T15:04:05Z07:00" }}</updated>
<author><name>Corpus</name></author>
{{- $pages := cond .IsHome site.RegularPages .RegularPages }}
{{- range first 20 $pages.ByDate.Reverse }}
<entry>
<title>{{ .Title }}</title>
<id>{{ .Permalink }}</id>
<link href="{{ .Permalink }}"/>
<published>{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}</published>
<updated>{{ .Lastmod.Format "2006-01-02T15:04:05Z07:00" }}</updated>
<summary>{{ .Summary | plainify | html }}</summary>
<content type="html">{{ .Content | html }}</content>
</entry>
{{- end }}
</feed>
"""

_FILES = {
    "hexo": {
        "_config.yml": f"""\
title: Corpus
author: 林夏
language: zh-CN
timezone: Asia/Shanghai
url: {BASE_URL.rstrip("/")}
root: /
permalink: :year/:month/:day/:title/
source_dir: source
public_dir: public
category_map:
  C++: cpp
feed:
  type: [atom, rss2]
  path: [atom.xml, rss2.xml]
  limit: 20
""",
        "package.json": '{"name": "corpus", "private": true, "hexo": {"version": "7.3.0"}}\n',
    },
    "hugo": {
        "hugo.toml": _HUGO,
        "layouts/_default/home.rss.xml": _RSS,
        "layouts/_default/term.rss.xml": _RSS,
        "layouts/_default/home.atom.xml": _ATOM,
        "layouts/_default/term.atom.xml": _ATOM,
    },
    "jekyll": {
        "_config.yml": f"""\
title: Corpus
url: {BASE_URL.rstrip("/")}
lang: zh-CN
timezone: Asia/Shanghai
author: 林夏
permalink: pretty
plugins: [jekyll-feed]
feed:
  posts_limit: 20
  categories: true
""",
        "_layouts/post.html": "{{ content }}\n",
    },
    "pelican": {
        "pelicanconf.py": f"""\
AUTHOR = "林夏"
SITENAME = "Corpus"
SITEURL = "{BASE_URL.rstrip("/")}"
PATH = "content"
TIMEZONE = "Asia/Shanghai"
DEFAULT_LANG = "zh"
ARTICLE_URL = "posts/{{date:%Y}}/{{slug}}/"
ARTICLE_SAVE_AS = ""
FEED_ALL_ATOM = "feeds/all.atom.xml"
FEED_ALL_RSS = "feeds/all.rss.xml"
CATEGORY_FEED_ATOM = "feeds/{{slug}}.atom.xml"
CATEGORY_FEED_RSS = "feeds/{{slug}}.rss.xml"
FEED_MAX_ITEMS = 20
RSS_FEED_SUMMARY_ONLY = False
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
TRANSLATION_FEED_ATOM = None
CATEGORY_SAVE_AS = ""
AUTHOR_SAVE_AS = ""
TAG_SAVE_AS = ""
DIRECT_TEMPLATES = []
""",
    },
    "eleventy": {
        "eleventy.config.js": """\
module.exports = function (config) {
  config.addPassthroughCopy("images");
  return { dir: { input: ".", output: "_site" } };
};
""",
        "_includes/post.njk": "{{ content | safe }}\n",
    },
}


def files(form: str) -> dict[str, str]:
    """The files of a site in the form, by path below its folder."""
    return _FILES[form]
