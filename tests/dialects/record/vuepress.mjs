// Records where VuePress 2 puts the pages of each case folder of the folder that is given, and what they hold.
//
//     npm install vuepress@2.0.0-rc.20 @vuepress/bundler-vite@2.0.0-rc.20 vue
//     node vuepress.mjs CASES [--modules=node_modules]
//
// Comes in: CASE/site, whose pages are below src/, and CASE/case.json ({"home"}). Goes out: CASE/expected.json. Must not: change a site.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { modules, record, row, version } from "./_site.mjs";

const load = (name) => import(pathToFileURL(path.join(modules, name, "dist/index.js")).href);
const { createBuildApp } = await load("@vuepress/core");
const { viteBundler } = await load("@vuepress/bundler-vite");

await record(`vuepress ${version("vuepress")}`, async (work, home) => {
	
	const app = createBuildApp({ source: path.join(work, "src"), base: new URL(home).pathname, theme: { name: "none" }, bundler: viteBundler() });
	await app.init();
	return app.pages.filter((page) => page.filePathRelative?.startsWith("posts/") && page.frontmatter.date).map((page) => {
		const html = page.contentRendered.replace(/<RouteLink to="\/([^"]*)"/g, `<a href="${home}$1"`).replaceAll("</RouteLink>", "</a>");
		return row({
			source: `src/${page.filePathRelative}`, url: new URL(page.path.slice(1), home).href, title: page.title,
			published: new Date(page.frontmatter.date).toISOString(), tags: page.frontmatter.tag ?? [],
			categories: [].concat(page.frontmatter.category ?? []), html,
		});
	});
});
