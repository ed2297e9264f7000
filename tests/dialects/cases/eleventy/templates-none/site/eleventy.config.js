export default function (eleventyConfig) {
  eleventyConfig.addPassthroughCopy("img");
  eleventyConfig.addShortcode("image", (src, alt, sizes) => `<img src="${src}" alt="${alt}">`);
  eleventyConfig.addShortcode("youtube", (id, title) => `<a href="https://www.youtube.com/watch?v=${id}">▶ YouTube</a>`);
  eleventyConfig.addPairedShortcode("callout", (content, kind) => `<div class="${kind}">\n\n${content}\n\n</div>`);
  eleventyConfig.addPairedShortcode("wrap", (content) => content);
  eleventyConfig.addFilter("shout", (text) => text);
  return { dir: { input: "src", includes: "_includes" }, markdownTemplateEngine: false, htmlTemplateEngine: "njk" };
}
