// Runs the code samples of the documents: those of pages in a browser, against a gateway and two other people; those of servers in Node.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { SAMPLES, SETTINGS, install, write } from '../../../scripts/samples.mjs';
import { openPage } from './page.mjs';

const PAGES = fileURLToPath(new URL('../samples', import.meta.url));

/** What pages of samples are served from. */
export const WWW = join(SAMPLES, 'www');

/** The address that stands in every sample; the port alone is another one here. */
const ADDRESS = /127\.0\.0\.1:8080/g;

/** Longest run of a sample in Node, in ms. */
const PATIENCE = 30_000;

/** Puts the pages in which samples run where a gateway can serve them. */
export function preparePages() {
  rmSync(WWW, { recursive: true, force: true });
  cpSync(PAGES, WWW, { recursive: true });
}

/** Writes a page's module: the sample, and behind each part what is to come of it. */
export async function writePageModule(module, port) {
  const text = await javascript(joined(module, {
    after: (conditions) => `;sample.conditions.push(${conditions.map((text) => `() => (${text})`).join(', ')});sample.look();`,
    between: ';await sample.turn();',
  }));
  const watched = text.replaceAll(/(from |import\()(['"])kandy-wasm(\/inline)?\2/g, (_, before, __, inline) => `${before}'./watched${inline ? '-inline' : ''}.js'`);
  const here = watched.replaceAll('port: 8080', `port: ${port}`).replaceAll(ADDRESS, `127.0.0.1:${port}`);
  write(`www/${module.name}.js`, here);
}

/** Opens the page of a sample and lets it do what it is meant for; fails with what was seen. */
export async function runInPage(module, { driver, other, url, given = {} }) {
  const query = new URLSearchParams({ module: module.name, given: JSON.stringify(given) });
  for (const word of module.words) query.append('word', word);
  const page = await openPage(driver, `${url}/page.html?${query}`);
  await page.run((name) => setting[name](), module.setting);
  if (module.setting === 'ringing') {
    await other.run(() => void bob.call.make('alice@example.com', { audio: true, video: true }));
    await page.run(() => setting.rings());
  }
  await page.run(() => sample.load());
  let index = 0;
  for (const [number, part] of module.parts.entries()) {
    if (number > 0) await page.run(() => sample.goOn());
    for (const { act, text } of part.steps) {
      if (act === 'until') await page.run((...args) => sample.until(...args), index++);
      else if (act === 'bob') await other.run(`() => void (${text})`);
      else if (act === 'click') await page.run((css) => document.querySelector(css).click(), text);
      else assert.fail(`a page cannot do this: ${act}`);
    }
  }
  const errors = await page.run(() => sample.errors);
  if (module.words.includes('errors')) assert.notDeepEqual(errors, [], 'it was to show an error');
  else assert.deepEqual(errors, []);
  await page.run(() => given.client?.disconnect());
}

/** Runs a sample in Node; it has to end by itself, without an error. */
export async function runInNode(module, { url, before = '' }) {
  const text = await javascript(joined(module, {
    after: (conditions) => conditions.map((text) => `;if (!(${text})) throw new Error(${JSON.stringify(`this does not come true: ${text}`)});`).join('\n'),
    between: '',
  }));
  const file = `node/${module.name}.mjs`;
  write(file, `${before}\n${text}`.replaceAll(ADDRESS, new URL(url).host));
  // Without what this run tells its own files.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { code, output } = await ended(spawn(process.execPath, [join(SAMPLES, file)], { timeout: PATIENCE, env: { ...env, KANDY_CLIENT_ID: 'demo-client', KANDY_CLIENT_SECRET: 'demo-secret' } }));
  assert.equal(code, 0, output);
  for (const { act, text } of module.parts.flatMap(({ steps }) => steps)) {
    if (act === 'prints') assert.ok(output.includes(text), `it does not print ${text} but ${output}`);
  }
}

/** What Node samples need: the package beside them. */
export function prepareNode() {
  rmSync(join(SAMPLES, 'node'), { recursive: true, force: true });
  install(join(SAMPLES, 'node'));
}

/** One text of all parts, in the setting. */
function joined({ setting, where, parts }, { after, between }) {
  const names = Object.keys(SETTINGS[setting].given);
  const head = where === 'page' && names.length > 0 ? `const { ${names.join(', ')} } = given;\n` : '';
  const texts = parts.map(({ code, steps }) => {
    const conditions = steps.filter(({ act }) => act === 'until').map(({ text }) => text);
    return `${code}\n${conditions.length > 0 ? after(conditions) : ''}\n`;
  });
  return { text: head + texts.join(`${between}\n`), language: parts[0].language };
}

async function javascript({ text, language }) {
  return language === 'ts' ? (await transform(text, { loader: 'ts', target: 'es2022' })).code : text;
}

function ended(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}
