module.exports = (config) => {
  config.addCollection("posts", (api) => api.getFilteredByGlob("./entries/**/*.md"));
  config.ignores.add("entries/private/**");
  config.setTemplateFormats("md,html");
  config.setLibrary;
  return {
    markdownTemplateEngine: false,
    htmlTemplateEngine: "liquid",
    passthroughFileCopy: true,
  };
};
