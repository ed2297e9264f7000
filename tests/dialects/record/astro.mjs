// Records what Astro publishes for each case folder of the folder that is given.
//
//     npm install astro@5
//     node astro.mjs CASES [--modules=node_modules]
//
// Comes in: CASE/site, and CASE/case.json ({"home", "collection", "route"}). Goes out: CASE/expected.json. Must not: change a site.
import fs from "node:fs";
import path from "node:path";
import { between, record, row, run, version } from "./_site.mjs";

const LIST = (name) => `
import { getCollection } from "astro:content";
export const GET = async () => new Response(JSON.stringify(await getCollection("${name}")));`;

await record(`astro ${version("astro")}`, async (work, home) => {
	const posts = "posts";
	fs.writeFileSync(path.join(work, "src/pages/zz.json.js"), LIST(posts));
	run("astro", "build");
	const rows = [];
	for (const { id, data, filePath } of JSON.parse(fs.readFileSync("dist/zz.json", "utf8"))) {
		const page = path.join("dist", posts, id, "index.html");
		if (!fs.existsSync(page)) continue;
		const url = new URL(encodeURI(`posts/${id}/`), home).href;
		rows.push(row({ source: filePath, url, title: data.title, published: data.pubDate, tags: data.tags ?? [], html: between(page, "<main>", "</main>") }));
	}
	return rows;
});
