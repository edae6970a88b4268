// The types of the package: one file for each entry and each kind of module, made of what the compiler says about js/*.ts.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NPM_BIN, PKG, ROOT } from './paths.mjs';
import { run } from './run.mjs';

/** What the compiler writes: a file for each source. */
const TYPES = join(ROOT, 'target', 'types');

/**
 * Writes `name.d.ts`, and `name.d.cts` where there is a build as CommonJS: TypeScript asks for one of each kind, with the same words.
 * @param {{ name: string, formats: string[] }[]} entries
 */
export async function rollUpTypes(entries) {
  rmSync(TYPES, { recursive: true, force: true });
  mkdirSync(TYPES, { recursive: true });
  await run(join(NPM_BIN, 'tsc'), ['--project', 'js', '--emitDeclarationOnly', '--outDir', TYPES]);
  // Not at the top of this file: when it is read, the npm packages may still have to be installed.
  const { Extractor, ExtractorConfig } = await import('@microsoft/api-extractor');
  writeFileSync(join(TYPES, 'package.json'), '{ "name": "kandy-wasm" }\n');
  for (const { name, formats } of entries) {
    const said = [];
    const messageCallback = (message) => {
      message.handled = true;
      if (message.logLevel === 'error' || message.logLevel === 'warning') said.push(message.text);
    };
    const { succeeded } = Extractor.invoke(ExtractorConfig.prepare(configFor(name)), { localBuild: true, messageCallback });
    if (!succeeded || said.length > 0) throw new Error(`Types of ${name}: ${said.join('\n')}`);
    if (formats.includes('cjs')) copyFileSync(join(PKG, `${name}.d.ts`), join(PKG, `${name}.d.cts`));
  }
}

function configFor(name) {
  return {
    configObjectFullPath: undefined,
    packageJsonFullPath: join(TYPES, 'package.json'),
    configObject: {
      projectFolder: TYPES,
      mainEntryPointFilePath: join(TYPES, `${name}.d.ts`),
      compiler: { overrideTsconfig: { compilerOptions: { lib: ['ES2021', 'ES2022.Error', 'DOM', 'DOM.Iterable'], types: [], module: 'ESNext', moduleResolution: 'bundler', skipLibCheck: true }, include: ['*.d.ts'] } },
      apiReport: { enabled: false },
      docModel: { enabled: false },
      tsdocMetadata: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: join(PKG, `${name}.d.ts`) },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        // How comments are written and which types are exported is for people to decide.
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  };
}
