AUTHOR = "Ann Example"
SITENAME = "A made-up blog"
SITEURL = "https://blog.example"

MARKDOWN = {
    "extension_configs": {
        "markdown.extensions.codehilite": {"css_class": "highlight", "linenums": False, "guess_lang": False},
        "markdown.extensions.extra": {},
        "markdown.extensions.meta": {},
        "markdown.extensions.toc": {"permalink": False},
        "markdown.extensions.admonition": {},
        "markdown.extensions.nl2br": {},
        "markdown.extensions.sane_lists": {},
        "markdown.extensions.smarty": {},
    },
    "output_format": "html5",
}
SUMMARY_MAX_LENGTH = 10
