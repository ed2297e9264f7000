import { defineUserConfig } from "vuepress";
import theme from "./theme.js";

export default defineUserConfig({ base: "/notes/", lang: "zh-CN", title: "茶记", description: "喝茶与写字", theme });
