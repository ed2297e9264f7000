# -*- coding: utf-8 -*-

import time

BLOG_AUTHOR = "Ann Example"  # (translatable)
BLOG_TITLE = "A made-up blog"  # (translatable)
SITE_URL = "https://nik.example/"
# BASE_URL = "https://nik.example/"
BLOG_EMAIL = "ann@mail.example"
BLOG_DESCRIPTION = "Notes"  # (translatable)
DEFAULT_LANG = "en"
TRANSLATIONS = {
    DEFAULT_LANG: "",
}
NAVIGATION_LINKS = {
    DEFAULT_LANG: (
        ("/archive.html", "Archives"),
    ),
}
THEME = "bootblog4"
POSTS = (
    ("posts/*.rst", "posts", "post.tmpl"),
    ("posts/*.md", "posts", "post.tmpl"),
    ("posts/*.txt", "posts", "post.tmpl"),
    ("posts/*.html", "posts", "post.tmpl"),
)
PAGES = (
    ("pages/*.rst", "pages", "page.tmpl"),
    ("pages/*.md", "pages", "page.tmpl"),
)
TIMEZONE = "UTC"
COMPILERS = {
    "rest": ['.rst', '.txt'],
    "markdown": ['.md', '.mdown', '.markdown'],
    "html": ['.html', '.htm'],
}
COMMENT_SYSTEM = ""
CONTENT_FOOTER_FORMATS = {
    DEFAULT_LANG: (
        (),
        {
            "author": BLOG_AUTHOR,
            "date": time.gmtime().tm_year,
        }
    )
}
