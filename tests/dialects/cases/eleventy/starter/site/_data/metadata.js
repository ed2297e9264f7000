export default {
	title: "Made-up Title",
	url: "https://starter.example/",
	language: "en",
	description: "I write about things.",
	author: {
		name: "Cee Two",
		email: "cee@mail.example",
		url: "https://starter.example/about-me/"
	}
}
