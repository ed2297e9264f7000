// Runs Hexo over every case's site/ beside this script (or named as arguments) and writes what it published to expected.json.
//
//   npm install hexo@7 hexo-renderer-marked hexo-renderer-kramed hexo-renderer-markdown-it hexo-abbrlink hexo-generator-feed hexo-blog-encrypt
//   node record.js CASES_FOLDER [CASE …]      in the folder that holds node_modules
//
// A case's package.json names the plugins that its site uses; expected.json's timezone is kept, or is Asia/Shanghai.
'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');
const {execFileSync} = require('child_process');

const modules = path.resolve('node_modules');

function files(folder, below = '') {
  return fs.readdirSync(path.join(folder, below), {withFileTypes: true}).flatMap(entry => {
    const name = path.posix.join(below, entry.name);
    return entry.isDirectory() ? files(folder, name) : [name];
  }).sort();
}

function addresses(html, base, tag, attribute) {
  const {DomUtils, parseDocument} = require(path.join(modules, 'htmlparser2'));
  return DomUtils.getElementsByTagName(tag, parseDocument(html)).map(element => element.attribs[attribute])
    .filter(value => value !== undefined && value.trim() !== '').flatMap(value => {
      try {
        const url = new URL(value.trim(), base);
        return /^https?:$/.test(url.protocol) ? [url.href] : [];
      } catch {
        return [];
      }
    });
}

async function record(folder) {
  const expected = path.join(folder, 'expected.json');
  const site = fs.mkdtempSync(path.join(os.tmpdir(), 'hexo-case-'));
  fs.cpSync(path.join(folder, 'site'), site, {recursive: true});
  fs.symlinkSync(modules, path.join(site, 'node_modules'));
  const Hexo = require(path.join(modules, 'hexo'));
  const hexo = new Hexo(site, {silent: true});
  await hexo.init();
  await hexo.load();
  await hexo.call('generate', {});
  const published = hexo.locals.get('posts').toArray();
  const encrypted = post => post.encrypt === true || /hbe-container|id="hexo-blog-encrypt"/.test(post.content);
  const fact = (post, name, other) => {
    const stat = fs.statSync(path.join(hexo.source_dir, post.source));
    return post[name] && Math.abs(post[name].valueOf() - stat[other + 'Ms']) > 5 ? post[name].toISOString().replace('.000Z', 'Z') : null;
  };
  const category = item => item.parent ? [...category(hexo.model('Category').findById(item.parent)), item.name] : [item.name];
  // hexo-generator-feed leaves out what says that it is a draft.
  const posts = published.filter(post => !encrypted(post) && post.draft !== true).map(post => {
    const pair = [post.content, post.permalink];
    return {
      source: path.posix.join(hexo.config.source_dir, post.source),
      url: post.permalink,
      title: post.title,
      published: fact(post, 'date', 'birthtime'),
      updated: fact(post, 'updated', 'mtime'),
      categories: post.categories.map(category),
      tags: post.tags.map(tag => tag.name),
      html: post.content,
      images: addresses(...pair, 'img', 'src'),
      links: addresses(...pair, 'a', 'href'),
    };
  }).sort((a, b) => a.source < b.source ? -1 : 1);
  const sources = new Set(posts.map(post => post.source));
  const kept = fs.existsSync(expected) ? JSON.parse(fs.readFileSync(expected, 'utf8')) : {};
  const deviations = Object.fromEntries((kept.posts || []).filter(post => post.deviations).map(post => [post.source, post.deviations]));
  for (const post of posts) {
    if (deviations[post.source]) post.deviations = deviations[post.source];
    const dated = /:(year|i?_?month|i?_?day|hour|minute|second|hash)/.test(hexo.config.permalink);
    if (post.published === null && dated) {
      post.deviations = {...post.deviations, url: 'no date: the generator takes the day on which the file was copied'};
    }
  }
  const home = hexo.config.url.replace(/\/*$/, '/');
  const version = JSON.parse(fs.readFileSync(path.join(modules, 'hexo', 'package.json'), 'utf8')).version;
  const facts = {
    generator: 'hexo ' + version,
    timezone: process.env.TZ,
    ...(kept.dialect ? {dialect: kept.dialect} : {}),
    home,
    posts,
    not_posts: files(path.join(folder, 'site')).filter(name => name.startsWith(hexo.config.source_dir + '/') && !sources.has(name)),
  };
  fs.writeFileSync(expected, JSON.stringify(facts, null, 1) + '\n');
  fs.rmSync(site, {recursive: true});
  console.log(`${path.basename(folder)}: ${posts.length} posts, ${facts.not_posts.length} other files`);
}

const [root, ...names] = process.argv.slice(2);
if (process.env.HEXO_CASE) {
  record(process.env.HEXO_CASE).catch(error => {
    console.error(String(error.message || error).slice(0, 500), error.location || '');
    process.exit(1);
  });
} else {
  for (const name of names.length ? names : fs.readdirSync(root).sort()) {
    const folder = path.resolve(root, name);
    if (!fs.existsSync(path.join(folder, 'site'))) continue;
    const expected = path.join(folder, 'expected.json');
    const zone = fs.existsSync(expected) && JSON.parse(fs.readFileSync(expected, 'utf8')).timezone || 'Asia/Shanghai';
    try {
      execFileSync(process.execPath, [__filename], {env: {...process.env, TZ: zone, HEXO_CASE: folder}, stdio: 'inherit'});
    } catch (error) {
      console.error(`${name}: not recorded`);
      process.exitCode = 1;
    }
  }
}
