// Records what Docusaurus publishes of its blog for each case folder of the folder that is given.
//
//     npm install @docusaurus/core@3 @docusaurus/preset-classic@3 react react-dom
//     node docusaurus.mjs CASES [--modules=node_modules]
//
// Comes in: CASE/site, with a feed in JSON of all posts, and CASE/case.json ({"home"}). Goes out: CASE/expected.json. Must not: change a site.
import fs from "node:fs";
import path from "node:path";
import { modules, record, row, run, version } from "./_site.mjs";

await record(`docusaurus ${version("@docusaurus/core")}`, async () => {
	fs.rmSync(path.join(modules, ".cache"), { recursive: true, force: true }); // it holds paths of the site built before
	run("docusaurus", "build");
	const feed = fs.readdirSync("build", { recursive: true }).find((file) => path.basename(file) === "feed.json");
	const items = JSON.parse(fs.readFileSync(path.join("build", feed), "utf8")).items;
	const folder = ".docusaurus/docusaurus-plugin-content-blog/default";
	const metadata = fs.readdirSync(folder).filter((name) => name.startsWith("site-")).map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8")));
	return metadata.filter((post) => post.permalink && !post.unlisted).map((post) => {
		const item = items.find((one) => new URL(one.url).pathname === new URL(post.permalink, one.url).pathname);
		return row({
			source: post.source.replace("@site/", ""), url: new URL(item.url).href, title: post.title, published: item.date_modified,
			tags: post.tags.map((tag) => tag.label), html: item.content_html,
		});
	});
});
