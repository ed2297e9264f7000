import { defineCollection, z } from "astro:content";
import { glob } from "astro/loaders";

const schema = z.object({ title: z.string(), pubDate: z.coerce.date(), draft: z.boolean().optional(), tags: z.array(z.string()).optional() });
export const collections = { posts: defineCollection({ loader: glob({ pattern: "**/*.md", base: "./src/content/posts" }), schema }) };
