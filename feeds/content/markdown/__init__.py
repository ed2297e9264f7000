"""Markdown as generators read it, on markdown-it: blocks, spans, raw HTML, addresses, typography."""
