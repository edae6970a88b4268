// The code samples of the documents: each has a setting, compiles against the types of the package, and is written down in the
// form in which tests/e2e/samples.test.mjs runs it.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { allExamples, allSamples } from './lib/fences.mjs';
import { NPM_BIN, PKG, ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

/** What is made of the samples: `types/` for the compiler, `www/` for pages, `node/` for Node. */
export const SAMPLES = join(ROOT, 'target', 'samples');

const CLIENT = { client: "import('kandy-wasm').Client" };
const PROVISIONING = { client: "import('kandy-wasm/provisioning').ProvisioningClient" };

/**
 * Where samples are meant to stand: `given` are the names that are there already, with their types. Those of pages are made by
 * tests/e2e/samples/page.js.
 *
 * @type {Record<string, { where: 'page' | 'node' | 'app', given: Record<string, string> }>}
 */
export const SETTINGS = {
  /** A whole module of a page, with the elements of tests/e2e/samples/page.html. */
  page: { where: 'page', given: {} },
  /** A client that knows its server, with nobody signed in. */
  client: { where: 'page', given: CLIENT },
  /** Alice is signed in. Bob and Carol are, too, on a page of their own, and answer every call. */
  'signed-in': { where: 'page', given: CLIENT },
  /** The same, and Bob's call rings. */
  ringing: { where: 'page', given: { ...CLIENT, callId: 'string' } },
  /** The same, and a call with Bob is up, with sound and pictures. */
  call: { where: 'page', given: { ...CLIENT, callId: 'string' } },
  /** The same, and calls with Bob and Carol are on hold. */
  held: { where: 'page', given: { ...CLIENT, callId: 'string', otherCallId: 'string' } },
  /** A page to which a backend gave a subscriber. */
  subscriber: { where: 'page', given: { identity: 'string', password: 'string', connection: "import('kandy-wasm/provisioning').Connection" } },
  /** A whole module of a server. */
  node: { where: 'node', given: {} },
  /** A server with a client of the provisioning API. The account has pieces, and a subscriber. */
  provisioning: { where: 'node', given: { ...PROVISIONING, subscriberId: 'string' } },
  /** A file of tests, as `node --test` runs it. */
  test: { where: 'node', given: {} },
  /** A file of an application, under the name that follows. A test of its own puts the application together and uses it. */
  file: { where: 'app', given: {} },
};

/** Goes on in the module of the sample before it. */
const SAME = 'same';

/**
 * All samples as modules, each of one sample or of several that go on.
 *
 * @returns {{ name: string, setting: string, where: string, words: string[], parts: import('./lib/fences.mjs').Sample[] }[]}
 * @throws {Error} if a sample has no known setting, or nothing is to come of it
 */
export function modules() {
  const all = [];
  for (const sample of allSamples()) {
    if (sample.setting === SAME) {
      if (all.at(-1)?.parts[0].document !== sample.document) throw new Error(`${sample.place}: there is nothing before it to go on with`);
      all.at(-1).parts.push(sample);
      continue;
    }
    const { where } = SETTINGS[sample.setting] ?? {};
    if (!where) throw new Error(`${sample.place}: there is no setting ${sample.setting}`);
    all.push({ name: sample.name, setting: sample.setting, where, words: sample.words, parts: [sample] });
  }
  all.forEach(check);
  return all;
}

function check({ where, parts }) {
  const [{ place, language }] = parts;
  const steps = parts.flatMap(({ steps }) => steps.map(({ act }) => act));
  if (where === 'app') return;
  if (language === 'html') throw new Error(`${place}: a page is a file of an application`);
  if (where === 'page' && !steps.includes('until')) throw new Error(`${place}: nothing is to come of it: add an until`);
  if (where === 'node' && !steps.includes('until') && !steps.includes('prints')) throw new Error(`${place}: nothing is to come of it: add an until, or prints`);
  if (where === 'node' && (steps.includes('bob') || steps.includes('click'))) throw new Error(`${place}: Node has no page`);
}

/**
 * Compiles all samples as strictly as an application may ask for.
 *
 * @returns {Promise<string>} how many there are
 * @throws {Error} with the places in the documents
 */
export async function samples() {
  rmSync(SAMPLES, { recursive: true, force: true });
  install(SAMPLES);
  const all = modules();
  const examples = allExamples().map((sample) => ({ name: sample.name, setting: exampleSetting(sample), parts: [sample] }));
  const typed = [...all.filter(({ parts }) => parts[0].language !== 'html'), ...examples];
  const lines = new Map();
  for (const module of typed) {
    const file = `${module.setting === 'test' ? 'loose' : 'types'}/${module.name}.${module.parts[0].language}`;
    lines.set(file, writeTyped(file, module));
  }
  await compile('types', STRICT, lines);
  // A test may suppose that there is a call: if there is none, it fails.
  await compile('loose', { ...STRICT, strictNullChecks: false, noImplicitAny: false }, lines);
  return `${all.flatMap(({ parts }) => parts).length} samples and ${examples.length} examples of types compiled`;
}

/** What stands around an example: a page with a call, or a server; nothing if it makes its own client. */
function exampleSetting({ document, code }) {
  if (/^const client\b/m.test(code)) return 'page';
  if (document.startsWith('js/provisioning')) return 'provisioning';
  return /^const callId\b/m.test(code) ? 'signed-in' : 'call';
}

async function compile(folder, compilerOptions, lines) {
  write(`${folder}/given.d.ts`, AROUND);
  write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ['.'] }));
  try {
    await run(join(NPM_BIN, 'tsc'), ['--project', join(SAMPLES, folder)]);
  } catch (error) {
    throw new Error(`Samples do not compile:\n${inDocuments(error.output ?? error.message, lines)}`);
  }
}

/** What a page or Node has that the compiler does not know here. */
const AROUND = `
declare const given: any;
declare const Kandy: typeof import('kandy-wasm').default;
declare const process: { env: Record<string, string | undefined> };
declare module 'node:*';
`;

const STRICT = {
  strict: true, allowJs: true, checkJs: true, noEmit: true, skipLibCheck: false,
  target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [],
};

/** Puts the package where modules in `folder` find it, as npm would. */
export function install(folder) {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(PKG, join(folder, 'node_modules', 'kandy-wasm'), 'dir');
}

/** Writes a module for the compiler; returns the place in the documents of each of its lines. */
function writeTyped(file, { setting, parts }) {
  const types = Object.entries(SETTINGS[setting].given);
  const typescript = parts[0].language === 'ts';
  const given = types.map(([name, type]) => (typescript ? `const ${name}: ${type} = given;` : `/** @type {${type}} */ const ${name} = given;`));
  const places = [''];
  for (const { code, document, line } of parts) code.split('\n').forEach((_, index) => places.push(`${document}:${line + index}`));
  // Where a page without a bundler has the package.
  const codes = parts.map(({ code }) => code.replaceAll("'/kandy-wasm/index.js'", "'kandy-wasm'"));
  write(file, [`${given.join(' ')} export {};`, ...codes, ''].join('\n'));
  return places;
}

/** What the compiler says, with the documents' lines in place of its files'. */
function inDocuments(said, lines) {
  return said.replaceAll(/^(\S*?)((?:types|loose)\/[\w-]+\.(?:js|ts))\((\d+),(\d+)\)/gm, (all, _, file, line) => lines.get(file)?.[line - 1] || all);
}

export function write(name, text) {
  const file = join(SAMPLES, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(await samples());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
