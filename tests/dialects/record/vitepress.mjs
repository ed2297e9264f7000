// Records what VitePress publishes for each case folder of the folder that is given.
//
//     npm install vitepress@1 vue
//     node vitepress.mjs CASES [--modules=node_modules]
//
// Comes in: CASE/site, whose pages are below docs/, and CASE/case.json ({"home"}). Posts are the pages with a date; their front
// matter is plain. Goes out: CASE/expected.json. Must not: change a site.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { between, modules, record, row, run, version } from "./_site.mjs";

const { resolveConfig } = await import(pathToFileURL(path.join(modules, "vitepress/dist/node/index.js")).href);

await record(`vitepress ${version("vitepress")}`, async (work, home) => {
	const config = await resolveConfig("docs", "build", "production");
	run("vitepress", "build", "docs");
	const rows = [];
	for (const source of config.pages) {
		const text = fs.readFileSync(path.join("docs", source), "utf8");
		const value = (key) => text.match(new RegExp(`^${key}: (.*)$`, "m"))?.[1];
		if (!value("date")) continue;
		const target = config.rewrites.map[source] ?? source;
		const html = between(path.join("docs/.vitepress/dist", target.replace(/\.md$/, ".html")), 'class="vp-doc', "</main>");
		const address = target.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, config.cleanUrls ? "" : ".html");
		rows.push(row({
			source: `docs/${source}`, url: new URL(encodeURI(address), home).href, title: value("title"),
			published: new Date(value("date")).toISOString(), tags: (value("tags") ?? "").match(/[^[\], ]+/g) ?? [],
			html: html.slice(html.indexOf(">") + 1).replaceAll(/<span class="lang">.*?<\/span>/g, ""),
		}));
	}
	return rows;
});
