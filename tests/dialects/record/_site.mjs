// What the recorders of generators in JavaScript share: a copy of each case's site, pages taken apart, and expected.json written.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const options = process.argv.slice(2);
export const modules = path.resolve((options.find((option) => option.startsWith("--modules=")) ?? "--modules=node_modules").slice(10));

export function version(name) {
	return JSON.parse(fs.readFileSync(path.join(modules, name, "package.json"), "utf8")).version;
}

export function run(program, ...words) {
	const settings = { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, TZ: "UTC", CI: "1", ASTRO_TELEMETRY_DISABLED: "1" } };
	execFileSync(path.join(modules, ".bin", program), words, settings);
}

/** What stands between a begin and an end in a page that the generator made. */
export function between(file, begin, end) {
	const text = fs.readFileSync(file, "utf8");
	const start = text.indexOf(begin);
	if (start < 0) throw new Error(`${file}: no ${begin}`);
	return text.slice(start + begin.length, text.indexOf(end, start + begin.length));
}

function addresses(html, tag, name, base) {
	const pattern = new RegExp(`<${tag}\\b[^>]*?\\s${name}\\s*=\\s*("([^"]*)"|'([^']*)')`, "gi");
	return [...html.matchAll(pattern)].map((match) => new URL((match[2] ?? match[3]).replaceAll("&amp;", "&"), base).href);
}

/** A row of expected.json. Pictures are not compared where the bundler gives them names of its own. */
export function row({ source, url, title, published, categories = [], tags = [], html, pictures = false }) {
	return {
		source, url, title, published, updated: null, categories: categories.map((name) => [name]), tags, html,
		images: pictures ? addresses(html, "img", "src", url) : null,
		links: addresses(html, "a", "href", url).filter((link) => !link.startsWith(`${url}#`)), // without the marks of headings
	};
}

/** Record every case: `rows` gets the folder of a copy of its site, in which it runs, and gives the rows. */
export async function record(generator, rows) {
	const cases = path.resolve(options.find((option) => !option.startsWith("--")) ?? path.dirname(fileURLToPath(import.meta.url)));
	for (const name of fs.readdirSync(cases).sort()) {
		const folder = path.join(cases, name);
		if (!fs.existsSync(path.join(folder, "site"))) continue;
		const notes = path.join(folder, "case.json");
		const { home, deviations = {}, not_posts = [] } = fs.existsSync(notes) ? JSON.parse(fs.readFileSync(notes, "utf8")) : {};
		const work = fs.mkdtempSync(path.join(os.tmpdir(), "record-"));
		fs.cpSync(path.join(folder, "site"), work, { recursive: true });
		fs.symlinkSync(modules, path.join(work, "node_modules"));
		process.chdir(work);
		const posts = (await rows(work, home)).filter((post) => !not_posts.includes(post.source)).sort((left, right) => (left.source < right.source ? -1 : 1));
		for (const post of posts) if (deviations[post.source]) post.deviations = deviations[post.source];
		const sources = new Set(posts.map((post) => post.source));
		const files = fs.readdirSync(work, { recursive: true }).filter((file) => /^(?!node_modules|\.|dist|build).*\.mdx?$/.test(file));
		const expected = { generator, timezone: "UTC", home, posts, not_posts: files.filter((file) => !sources.has(file)).sort() };
		fs.writeFileSync(path.join(folder, "expected.json"), JSON.stringify(expected, null, 1) + "\n");
		process.chdir(os.tmpdir());
		fs.rmSync(work, { recursive: true });
	}
}
