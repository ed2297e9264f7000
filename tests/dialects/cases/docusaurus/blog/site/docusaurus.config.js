module.exports = {
  title: 'Tea notes', tagline: 'On leaves', url: 'https://tea.dev', baseUrl: '/b/', onBrokenLinks: 'ignore',
  presets: [['classic', {
    docs: false,
    blog: {
      routeBasePath: 'notes', onUntruncatedBlogPosts: 'ignore', onInlineAuthors: 'ignore', onInlineTags: 'ignore',
      feedOptions: { type: 'all', limit: false },
    },
  }]],
};
