export const SITE = { url: "https://tea.dev", title: "茶记", description: "喝茶与写字", lang: "zh-CN" };
