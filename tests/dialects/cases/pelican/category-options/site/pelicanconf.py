AUTHOR = "Ann Example"
SITENAME = "A made-up blog"
SITEURL = "https://blog.example"

USE_FOLDER_AS_CATEGORY = False
DEFAULT_CATEGORY = "misc"
ARTICLE_URL = "{category}/{author}/{date:%b}/{date:%-d}/{slug}"
ARTICLE_SAVE_AS = "{category}/{author}/{date:%b}/{date:%-d}/{slug}.html"
CATEGORY_REGEX_SUBSTITUTIONS = [(r"C\+\+", "cpp"), (r"[^\w\s-]", ""), (r"[-\s]+", "_")]
AUTHOR_REGEX_SUBSTITUTIONS = [(r"\s", ".")]
SLUG_REGEX_SUBSTITUTIONS = [(r"C\+\+", "cpp"), (r"C#", "c-sharp"), (r"[^\w\s-]", ""), (r"(?u)\A\s*", ""), (r"(?u)\s*\Z", ""), (r"[-\s]+", "-")]
DEFAULT_METADATA = {"status": "draft", "tags": "inherited"}
