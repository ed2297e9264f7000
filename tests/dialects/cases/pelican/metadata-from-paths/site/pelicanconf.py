AUTHOR = "Ann Example"
SITENAME = "A made-up blog"
SITEURL = "https://blog.example"

TIMEZONE = "Europe/Paris"
FILENAME_METADATA = r"(?P<date>\d{4}-\d{2}-\d{2})_(?P<slug>[^.]+)"
PATH_METADATA = r"(?P<category>[^/]+)/(?P<series>[^/]+)/.*"
EXTRA_PATH_METADATA = {"extra/robots.txt": {"path": "robots.txt"}, "reviews": {"lang": "de"}, "reviews/secret": {"status": "draft"}}
DEFAULT_DATE = (2012, 3, 4, 5, 6)
STATIC_PATHS = ["extra", "reviews"]
