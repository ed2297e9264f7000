AUTHOR = "Ann Example"
SITENAME = "A made-up blog"
SITEURL = "https://blog.example"

ARTICLE_URL = "{category}/{slug}.html"
ARTICLE_SAVE_AS = "{category}/{slug}.html"
DEFAULT_CATEGORY = "Other Things"
