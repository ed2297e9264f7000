module.exports = function (eleventyConfig) {
  eleventyConfig.addPassthroughCopy("img");
};
