// npm run docs: the documentation as a site in target/site, out of docs/ and the types of the package, to be opened from the disk or
// put on any web server. Fails if a public type is not documented, or if a link leads nowhere.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { documents } from './lib/fences.mjs';
import { deadLinks } from './lib/links.mjs';
import { installed } from './lib/npm-folder.mjs';
import { PKG, ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { undocumented } from './lib/undocumented.mjs';

export const SITE = join(ROOT, 'target', 'site');
const SOURCE = join(ROOT, 'target', 'site-source');
const DESCRIPTION = join(SOURCE, 'types.json');

/** The pages in their order, under the headings of the menu. A document that has no place here stands at the end of the reference. */
const PAGES = {
  Guides: [
    ...['quick-start', 'signing-in', 'calls', 'devices', 'messaging', 'presence', 'errors'].map((name) => `docs/guide/${name}.md`),
    'docs/promises.md',
    'docs/guide/csp-and-bundlers.md',
    'docs/bundlers.md',
    'docs/guide/migration.md',
    'docs/testing.md',
    'examples/README.md',
  ],
  'For backends and operators': ['provisioning', 'hosting', 'operator', 'turn'].map((name) => `docs/${name}.md`),
  Reference: ['errors', 'api-coverage', 'size', 'benchmarks', 'hazards'].map((name) => `docs/${name}.md`),
  'How it is made': ['docs/architecture.md', 'docs/call-states.md', 'docs/decisions.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
};

/** The heading of the entries of the package, behind the guides. */
const API = 'Types and functions';

const EXAMPLES = ['plain/main.js', 'react/src/useKandy.js', 'vue/src/useKandy.js', 'testing/vitest/dialer.test.js'].map((file) => `examples/${file}`);

/** What is said of each entry of the package at the head of its page. */
const ENTRIES = {
  'kandy-wasm': { types: 'index', says: 'What a page imports. [`create`](#create) makes a `Client`; everything else hangs on that.' },
  'kandy-wasm/provisioning': { types: 'provisioning', says: 'The client of the provisioning API, for backends: [provisioning](../docs/provisioning.md).' },
  'kandy-wasm/testing': { types: 'testing', says: 'A world for the tests of an application, without a server.' },
};

/**
 * Makes the site.
 *
 * @returns {Promise<string>} how large it is
 * @throws {Error} for what is not documented, and for links that lead nowhere
 */
export async function site() {
  const tools = await installed('scripts/site');
  rmSync(SOURCE, { recursive: true, force: true });
  rmSync(SITE, { recursive: true, force: true });
  writePages();
  writeFileSync(join(SOURCE, 'typedoc.json'), JSON.stringify(options(), null, 2));
  writeFileSync(join(SOURCE, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER, include: ['entries'] }));
  await run(join(tools, 'node_modules/.bin/typedoc'), ['--options', join(SOURCE, 'typedoc.json')], { cwd: SOURCE, limit: 300 });
  const { pages, dead } = deadLinks(SITE);
  if (dead.length > 0) throw new Error(`Links that lead nowhere:\n  ${dead.join('\n  ')}`);
  const { described, without } = undocumented(JSON.parse(readFileSync(DESCRIPTION, 'utf8')));
  if (without.length > 0) throw new Error(`Without a description:\n  ${without.join('\n  ')}`);
  return `${pages} pages in target/site, no dead link, ${described} types and members described`;
}

const COMPILER = { target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [], strict: true, noEmit: true };

function options() {
  return {
    name: 'kandy-wasm',
    includeVersion: false,
    entryPoints: entries().map(([name]) => `entries/${fileOf(name)}.ts`),
    tsconfig: 'tsconfig.json',
    outputs: [{ name: 'html', path: SITE }, { name: 'json', path: DESCRIPTION }],
    readme: 'README.md',
    projectDocuments: pages().map(({ file }) => file),
    customCss: join(ROOT, 'scripts', 'site', 'site.css'),
    // Neither addresses of the outside nor the name of a tool on every page.
    disableSources: true,
    hideGenerator: true,
    githubPages: false,
    router: 'structure',
    navigation: { includeGroups: true, includeCategories: true, excludeReferences: true, compactFolders: false },
    groupOrder: ['Guides', API, ...Object.keys(PAGES), 'Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables', '*'],
    sort: ['documents-first', 'alphabetical-ignoring-documents'],
    visibilityFilters: {},
    customJs: join(ROOT, 'scripts', 'site', 'site.js'),
    sortEntryPoints: false,
    searchInComments: true,
    searchInDocuments: true,
    lightHighlightTheme: 'github-light-high-contrast',
    darkHighlightTheme: 'github-dark-high-contrast',
    highlightLanguages: ['js', 'ts', 'html', 'sh', 'json', 'toml', 'ini', 'yaml', 'text'],
    ignoredHighlightLanguages: ['nginx'],
    validation: { notExported: true, invalidLink: true, invalidPath: true },
    treatWarningsAsErrors: true,
    treatValidationWarningsAsErrors: true,
  };
}

/** All documents that are there, each with its heading in the menu. */
function pages() {
  const placed = Object.entries(PAGES).flatMap(([group, files]) => files.map((file) => ({ group, file })));
  // The one is the first page, the other is that of the package at the registry.
  const others = documents().filter((file) => !file.endsWith('README.md') && !placed.some((page) => page.file === file));
  return [...placed, ...others.map((file) => ({ group: 'Reference', file }))].filter(({ file }) => existsSync(join(ROOT, file)));
}

/** Copies the documents, each with its title and its place in the menu, which the tool reads at its head. */
function writePages() {
  for (const { group, file } of pages()) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const [, title] = /^# (.+)\n/.exec(text) ?? [];
    if (!title) throw new Error(`${file} has no title`);
    put(file, `---\ntitle: ${JSON.stringify(title)}\ngroup: ${JSON.stringify(group)}\n---\n${text}`);
  }
  // The tool writes its own title above this one.
  put('README.md', readFileSync(join(ROOT, 'README.md'), 'utf8').replace(/^# .*\n/, ''));
  // What documents link to, and what is no page.
  for (const file of [...EXAMPLES, 'docs/openapi.json', 'deploy/kandy-gateway.service', 'Containerfile', 'LICENSE-MIT', 'LICENSE-APACHE']) {
    mkdirSync(dirname(join(SOURCE, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(SOURCE, file));
  }
  for (const [name, { types, says }] of entries()) {
    const from = relative(join(SOURCE, 'entries'), join(PKG, `${types}.js`));
    const more = types === 'index' ? `export { default } from '${from}';\n` : '';
    put(`entries/${fileOf(name)}.ts`, `/**\n * ${says}\n *\n * @module ${name}\n * @group ${API}\n */\nexport * from '${from}';\n${more}`);
  }
}

function entries() {
  return Object.entries(ENTRIES).filter(([, { types }]) => existsSync(join(PKG, `${types}.d.ts`)));
}

function fileOf(entry) {
  return basename(entry);
}

function put(file, text) {
  const target = join(SOURCE, file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    if (!existsSync(join(PKG, 'index.d.ts'))) throw new Error('The types are not there: npm run build');
    console.log(await site());
  } catch (error) {
    console.error(error.output ?? '', error.message);
    process.exitCode = 1;
  }
}
