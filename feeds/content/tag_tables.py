"""The tables of template tags by name: which marks of which generator a body may hold. Importing it costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

#: One of the site's own tags that is a function: in come its arguments as written, the text up to its end (None for a tag that
#: has none), the variables of the post and what makes HTML of Markdown, out goes what it shows. Raises ValueError if it is not read.
TagFunction = Callable[[str, str | None, Mapping[str, object], Callable[[str], str]], str]

#: "hexo" reads `{% %}`, `{{ }}` and `{# #}` as Hexo and its themes do; "jekyll" the same where no Liquid engine ran before;
#: "eleventy" `{% %}` with arguments between commas; "liquid-tags" only `{% %}` (Pelican's plug-in); "hugo" `{{< >}}` and
#: `{{% %}}`; "zola" `{{ name() }}` and `{% name() %}`; "nikola" `{{% %}}`; "obsidian" `[[ ]]`, `![[ ]]` and `%% %%`;
#: "kramdown" `{::comment}`; "wordpress" `[caption]` and the like.
TABLES = ("hexo", "jekyll", "eleventy", "liquid-tags", "hugo", "zola", "nikola", "obsidian", "kramdown", "wordpress")
#: What is read in a plain folder, whose posts may come from anywhere: what nobody writes by accident.
PLAIN_TABLES = ("hexo", "hugo", "obsidian", "kramdown", "wordpress")
