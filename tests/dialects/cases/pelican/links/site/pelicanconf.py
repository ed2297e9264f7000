AUTHOR = "Ann Example"
SITENAME = "A made-up blog"
SITEURL = "https://blog.example"
STATIC_PATHS = ["images", "files"]
ARTICLE_URL = "a/{slug}/"
ARTICLE_SAVE_AS = "a/{slug}/index.html"
TAG_URL = "tags/{slug}/"
TAG_SAVE_AS = "tags/{slug}/index.html"
