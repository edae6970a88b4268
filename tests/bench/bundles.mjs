// The page that compares libraries, with each of them beside it as an application would bundle it: minified modules, split where they
// load something later.
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { PKG, ROOT } from '../../scripts/lib/paths.mjs';

const PAGE = fileURLToPath(new URL('peers', import.meta.url));
const FOLDER = join(ROOT, 'target', 'bench');

/** Folder of the page, for a server. */
export const WWW = join(FOLDER, 'www');

/** What an application imports, by the folder that it is bundled into. */
const IMPORTED = {
  kandy: "export { create } from 'kandy-wasm';",
  jssip: "export { UA } from 'jssip';",
  sipjs: "export { EmitterImpl, Inviter, Registerer, RegistererState, SessionState, UserAgent } from 'sip.js';",
};

/**
 * Makes the page.
 *
 * @returns {Promise<{ name: string, version: string, query: string }[]>} the libraries, in builds that there are, with the query of
 *   the page that loads each
 */
export async function makePage() {
  rmSync(FOLDER, { recursive: true, force: true });
  cpSync(PAGE, WWW, { recursive: true });
  // Found by its name, as an application finds it.
  mkdirSync(join(FOLDER, 'node_modules'));
  symlinkSync(PKG, join(FOLDER, 'node_modules', 'kandy-wasm'));
  const about = JSON.parse(readFileSync(join(PKG, 'package.json'), 'utf8'));
  const inline = about.exports['./inline'] !== undefined;

  const imported = { ...IMPORTED, ...(inline && { 'kandy-inline': "export { create } from 'kandy-wasm/inline';" }) };
  for (const [name, contents] of Object.entries(imported)) await bundle(name, contents);
  for (const file of readdirSync(PKG).filter((file) => file.endsWith('.wasm'))) copyFileSync(join(PKG, file), join(WWW, 'lib', 'kandy', file));
  // A plain script is served as it is.
  if (about.unpkg) {
    mkdirSync(join(WWW, 'lib', 'kandy-global'));
    copyFileSync(join(PKG, about.unpkg), join(WWW, 'lib', 'kandy-global', 'kandy.js'));
  }
  const { version } = about;
  return [
    { name: 'kandy-wasm', version, query: 'driver=kandy' },
    ...(inline ? [{ name: 'kandy-wasm/inline', version, query: 'driver=kandy&build=inline' }] : []),
    ...(about.unpkg ? [{ name: 'kandy-wasm, <script>', version, query: 'driver=kandy&build=global' }] : []),
    { name: 'JsSIP', version: versionOf('jssip'), query: 'driver=jssip' },
    { name: 'SIP.js', version: versionOf('sip.js'), query: 'driver=sipjs' },
  ];
}

/** Bytes of some files of the page: raw, and after gzip -9 of each. */
export function bytesOf(paths) {
  const files = paths.map((path) => readFileSync(join(WWW, path)));
  const sum = (sizes) => sizes.reduce((all, one) => all + one, 0);
  return { raw: sum(files.map((file) => file.length)), gzip: sum(files.map((file) => gzipSync(file, { level: 9 }).length)) };
}

function bundle(name, contents) {
  return build({
    stdin: { contents, resolveDir: FOLDER },
    outdir: join(WWW, 'lib', name),
    entryNames: 'index',
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
}
