import { defineConfig } from "vitepress";

export default defineConfig({
	title: "茶记",
	description: "喝茶与写字",
	lang: "zh-CN",
	base: "/notes/",
	sitemap: { hostname: "https://tea.dev/notes/" },
	rewrites: { "posts/moved.md": "p/new.md" },
	srcExclude: ["posts/ex*.md"],
});
