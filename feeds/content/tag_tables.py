"""The tables of template tags by name: which marks of which generator a body may hold. Importing it costs nothing."""

from __future__ import annotations

#: "hexo" reads `{% %}`, `{{ }}` and `{# #}` as Hexo and its themes do; "jekyll" the same where no Liquid engine ran before;
#: "eleventy" `{% %}` with arguments between commas; "liquid-tags" only `{% %}` (Pelican's plug-in); "hugo" `{{< >}}` and
#: `{{% %}}`; "zola" `{{ name() }}` and `{% name() %}`; "nikola" `{{% %}}`; "obsidian" `[[ ]]`, `![[ ]]` and `%% %%`;
#: "kramdown" `{::comment}`; "wordpress" `[caption]` and the like.
TABLES = ("hexo", "jekyll", "eleventy", "liquid-tags", "hugo", "zola", "nikola", "obsidian", "kramdown", "wordpress")
#: What is read in a plain folder, whose posts may come from anywhere: what nobody writes by accident.
PLAIN_TABLES = ("hexo", "hugo", "obsidian", "kramdown", "wordpress")
