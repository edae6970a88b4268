// The package as npm would publish it, packed once for each process that tests it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PKG } from '../../scripts/lib/paths.mjs';

/**
 * Packs pkg/ into a folder that `forget` removes.
 * @returns {{ tarball: string, files: string[], folder: string, forget: () => void }}
 */
export function packed() {
  const folder = mkdtempSync(join(tmpdir(), 'kandy-packed-'));
  const text = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: PKG, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const [{ filename, files }] = Object.values(JSON.parse(text));
  return {
    tarball: join(folder, filename),
    files: files.map(({ path }) => path).sort(),
    folder,
    forget: () => rmSync(folder, { recursive: true }),
  };
}

/** Puts what is in the tarball where an installation would. */
export function install(tarball, project) {
  const target = join(project, 'node_modules', 'kandy-wasm');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  return target;
}
