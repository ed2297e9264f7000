import { HtmlBasePlugin, InputPathToUrlTransformPlugin } from "@11ty/eleventy";

/** @param {import("@11ty/eleventy").UserConfig} eleventyConfig */
export default async function (eleventyConfig) {
	eleventyConfig.addPlugin(HtmlBasePlugin);
	eleventyConfig.addPlugin(InputPathToUrlTransformPlugin);
	eleventyConfig.addPassthroughCopy("src/img");
	eleventyConfig.addPreprocessor("drafts", "*", (data, content) => {
		if (data.draft) {
			return false;
		}
	});
	eleventyConfig.addFilter("shout", (text) => text.toUpperCase());
}

export const config = {
	templateFormats: ["md", "njk"],
	markdownTemplateEngine: "njk",
	htmlTemplateEngine: "njk",
	pathPrefix: "/proj/",
	dir: {
		input: "src",
		includes: "_includes",
		data: "_data",
		output: "_site",
	},
};
