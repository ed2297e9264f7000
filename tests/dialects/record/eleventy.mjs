// Records what Eleventy publishes for each case folder of the folder that is given (default: its own).
//
//     npm install @11ty/eleventy@3 @11ty/eleventy-plugin-rss @11ty/eleventy-plugin-syntaxhighlight
//     node eleventy.mjs [CASES] [--modules=node_modules]
//
// Comes in: CASE/site and CASE/record.json ({"home": …, "collection": …}). Goes out: CASE/expected.json. Must not: change a site.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";

const TEXT = new Set([".md", ".markdown", ".html", ".njk", ".liquid", ".txt"]);
const COLLECTIONS = new Set(["all", "nav", "post", "posts"]);
const self = fileURLToPath(import.meta.url);
const options = process.argv.slice(2);
const modules = path.resolve((options.find((option) => option.startsWith("--modules=")) ?? "--modules=node_modules").slice(10));
const only = options.find((option) => option.startsWith("--case="))?.slice(7);

function absolute(address, base) {
	try {
		return new URL(address, base).href;
	} catch {
		return address;
	}
}

function attributes(html, tag, name) {
	const pattern = new RegExp(`<${tag}\\b[^>]*?\\s${name}\\s*=\\s*("([^"]*)"|'([^']*)')`, "gi");
	return [...html.matchAll(pattern)].map((match) => (match[2] ?? match[3]).replaceAll("&amp;", "&").replaceAll("&quot;", '"'));
}

async function recordCase(folder) {
	const { home, collection } = JSON.parse(fs.readFileSync(path.join(folder, "record.json"), "utf8"));
	const work = fs.mkdtempSync(path.join(os.tmpdir(), "record-"));
	fs.cpSync(path.join(folder, "site"), work, { recursive: true });
	if (!fs.existsSync(path.join(work, "node_modules"))) {
		fs.symlinkSync(modules, path.join(work, "node_modules"));
	}
	process.chdir(work);
	const { Eleventy } = await import(pathToFileURL(path.join(modules, "@11ty/eleventy/src/Eleventy.js")).href);
	let items = [];
	let configuration;
	const eleventy = new Eleventy(undefined, undefined, {
		quietMode: true,
		config(eleventyConfig) {
			eleventyConfig.addCollection("zz", (api) => ((items = api.getAll()), items));
			configuration = eleventyConfig;
		},
	});
	await eleventy.init();
	const output = await eleventy.toJSON();
	const prefix = eleventy.eleventyConfig.getPathPrefix() ?? "/";
	const members = new Set((eleventy.writer.templateMap.collectionsData[collection] ?? []).map((item) => item.inputPath));
	const posts = [];
	const notes = path.join(folder, "case.json");
	const reasons = fs.existsSync(notes) ? JSON.parse(fs.readFileSync(notes, "utf8")).deviations : {};
	for (const item of items) {
		if (!members.has(item.inputPath) || item.url === false) continue;
		const sitePath = [prefix, item.url].join("/").replaceAll(/\/+/g, "/");
		const url = new URL(sitePath, home).href;
		let html = item.templateContent;
		for (const page of output) {
			if (page.inputPath === item.inputPath && !item.data.layout) html = page.content; // after the transforms
		}
		if (item.data.layout) {
			html = await configuration.getFilter("renderTransforms").call({}, html, item.data.page);
		}
		const tags = [].concat(item.data.tags ?? []).map(String).filter((tag) => !COLLECTIONS.has(tag) && tag !== collection);
		posts.push({
			source: item.inputPath.replace(/^\.\//, ""),
			url,
			title: String(item.data.title ?? ""),
			published: item.date.toISOString(),
			updated: null,
			categories: [].concat(item.data.categories ?? item.data.category ?? []).map((name) => [String(name)]),
			tags,
			html,
			images: attributes(html, "img", "src").map((address) => absolute(address, url)),
			links: attributes(html, "a", "href").map((address) => absolute(address, url)),
			...(reasons[item.inputPath.replace(/^\.\//, "")] ? { deviations: reasons[item.inputPath.replace(/^\.\//, "")] } : {}),
		});
	}
	posts.sort((left, right) => (left.source < right.source ? -1 : 1));
	const sources = new Set(posts.map((post) => post.source));
	const files = fs
		.readdirSync(path.join(folder, "site"), { recursive: true })
		.filter((file) => TEXT.has(path.extname(file).toLowerCase()) && !sources.has(file))
		.sort();
	const version = JSON.parse(fs.readFileSync(path.join(modules, "@11ty/eleventy/package.json"), "utf8")).version;
	const expected = { generator: `eleventy ${version}`, timezone: "UTC", home, posts, not_posts: files };
	fs.writeFileSync(path.join(folder, "expected.json"), JSON.stringify(expected, null, 1) + "\n");
	process.chdir(os.tmpdir());
	fs.rmSync(work, { recursive: true });
}

if (only) {
	await recordCase(path.resolve(only));
} else {
	const cases = path.resolve(options.find((option) => !option.startsWith("--")) ?? path.dirname(self));
	for (const name of fs.readdirSync(cases).sort()) {
		if (fs.existsSync(path.join(cases, name, "record.json"))) {
			try {
				execFileSync(process.execPath, [self, `--case=${path.join(cases, name)}`, `--modules=${modules}`], { stdio: "inherit", env: { ...process.env, TZ: "UTC", ELEVENTY_RUN_MODE: "build" } });
			} catch {
				process.exitCode = 1;
			}
		}
	}
}
