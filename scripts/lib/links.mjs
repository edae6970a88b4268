// Links of a folder of web pages that lead nowhere.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Looks at every link and every file that a page names, and at anchors.
 *
 * @param {string} folder
 * @returns {{ pages: number, dead: string[] }}
 */
export function deadLinks(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.html'));
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const anchors = new Map([...texts].map(([file, text]) => [file, new Set([...text.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => decode(id)))]));
  const dead = [];
  for (const [file, text] of texts) {
    for (const [, link] of text.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      const why = wrong(folder, file, decode(link), anchors);
      if (why) dead.push(`${file}: ${link} (${why})`);
    }
  }
  return { pages: files.length, dead: [...new Set(dead)] };
}

function wrong(folder, file, link, anchors) {
  if (/^(?:https?|mailto|data|javascript):/.test(link)) return undefined;
  const [path, anchor] = link.split('#');
  const named = path === '' ? join(folder, file) : join(folder, dirname(file), decodeURIComponent(path.split('?')[0]));
  const target = existsSync(named) && statSync(named).isDirectory() ? join(named, 'index.html') : named;
  const page = relative(folder, target);
  if (page.startsWith('..')) return 'outside of the site';
  if (!existsSync(target)) return 'no such file';
  if (anchor && page.endsWith('.html') && !anchors.get(page)?.has(decodeURIComponent(anchor))) return 'no such place on the page';
  return undefined;
}

function decode(text) {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>');
}
