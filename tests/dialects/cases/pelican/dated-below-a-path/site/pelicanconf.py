from datetime import datetime
AUTHOR = "李雷"
SITENAME = "路边小记"
SITEURL = ""
PATH = "content"
TIMEZONE = "Asia/Shanghai"
DEFAULT_LANG = "zh"
DEFAULT_CATEGORY = "随笔"
ARTICLE_PATHS = ["blog", "notes"]
ARTICLE_EXCLUDES = ["blog/old"]
PAGE_PATHS = ["blog/pages"]
STATIC_PATHS = ["images", "extra"]
ARTICLE_URL = "posts/{date:%Y}/{date:%m}/{date:%d}/{slug}/"
ARTICLE_SAVE_AS = ARTICLE_URL + "index.html"
SLUGIFY_SOURCE = "basename"
FEED_ALL_ATOM = None
YEAR = datetime.now().year
