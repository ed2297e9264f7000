import { hopeTheme } from "vuepress-theme-hope";

export default hopeTheme({
	hostname: "https://tea.dev",
	encrypt: { config: { "/posts/secret/": ["1234"] } },
	plugins: { blog: true },
});
