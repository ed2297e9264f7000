"""The HTML pages: feeds, terms and entries come in, whole pages go out, made from Jinja2 templates beside this file.

Empty on purpose: Jinja2 is imported only when a page is rendered.
"""
