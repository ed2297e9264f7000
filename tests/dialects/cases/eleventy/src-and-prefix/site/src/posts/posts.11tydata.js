export default {
	tags: [
		"posts"
	],
	permalink: "/p/{{ page.fileSlug }}/",
	layout: "post.njk",
};
