export default {
	title: "A made-up blog",
	url: "https://name.example/proj/",
	language: "en",
	description: "Notes & more.",
	author: { name: "Bea One", email: "bea@mail.example" },
};
