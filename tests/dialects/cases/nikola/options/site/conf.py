BLOG_AUTHOR = "李雷"
BLOG_TITLE = "路边小记"
SITE_URL = "https://name.example/proj/"
BLOG_EMAIL = "li@mail.example"
BLOG_DESCRIPTION = "小记"
DEFAULT_LANG = "zh_cn"
TRANSLATIONS = {DEFAULT_LANG: ""}
THEME = "bootblog4"
PRETTY_URLS = False
STRIP_INDEXES = False
USE_SLUGIFY = False
TIMEZONE = "Asia/Shanghai"
POSTS = (
    ("blog/*.md", "", "post.tmpl"),
    ("notes/*.md", "notes/all", "post.tmpl"),
    ("notes/*.rst", "notes/all", "post.tmpl"),
)
PAGES = (("blog/pages/*.md", "", "page.tmpl"),)
COMPILERS = {"markdown": (".md",), "rest": (".rst",)}
FILE_METADATA_REGEXP = r".*\/(?P<date>\d{4}-\d{2}-\d{2})-(?P<slug>.*)-(?P<title>.*)\.md"
FILE_METADATA_UNSLUGIFY_TITLES = True
CATEGORY_ALLOW_HIERARCHIES = True
USE_TAG_METADATA = True
WARN_ABOUT_TAG_METADATA = False
METADATA_MAPPING = {"yaml": {"created": "date", "topics": "tags"}}
COMMENT_SYSTEM = ""
