"""What kramdown, Jekyll's Markdown, reads in another way than CommonMark: lists, tables, spans, HTML."""
