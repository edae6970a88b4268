// The code samples of the documents: where each stands, in what setting it is meant, and what has to come of it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** The languages that are compiled and run; fences in others are for people. */
const LANGUAGES = ['js', 'ts', 'html'];

/**
 * @typedef {object} Sample
 * @property {string} place file and line of its first line, such as `docs/guide/calls.md:21`
 * @property {string} name the same for use in file names
 * @property {string} document the file
 * @property {string} language `js`, `ts` or `html`
 * @property {string} code the text
 * @property {number} line of its first line in the document
 * @property {string} setting where it runs: a key of `SETTINGS` in samples.mjs
 * @property {string[]} words further words behind the setting
 * @property {{ act: string, text: string }[]} steps what happens to it, in order
 */

/** All samples, in the order of files and lines. */
export function allSamples() {
  return documents().flatMap((file) => samplesOf(file, readFileSync(join(ROOT, file), 'utf8')));
}

/** What people read: the README here and that of the package, and everything under docs/, as paths in the repository. */
export function documents() {
  const under = readdirSync(join(ROOT, 'docs'), { recursive: true }).map((name) => join('docs', name));
  return ['README.md', 'js/README.md', ...under].filter((file) => file.endsWith('.md')).sort();
}

/**
 * The samples of one document. A sample is marked by a comment in the line before its fence:
 *
 *     <!-- sample: SETTING WORD…; until EXPRESSION; bob EXPRESSION; click SELECTOR; prints TEXT -->
 *
 * @param {string} document its path
 * @param {string} text its content
 * @returns {Sample[]}
 * @throws {Error} if a fence in one of the languages has no mark, or a mark has no fence
 */
export function samplesOf(document, text) {
  const lines = text.split('\n');
  const samples = [];
  for (let at = 0; at < lines.length; at += 1) {
    const mark = MARK.exec(lines[at])?.[1];
    const fence = FENCE.exec(lines[at]);
    if (mark !== undefined && !FENCE.test(lines[at + 1] ?? '')) throw new Error(`${document}:${at + 1}: a mark without a sample`);
    if (!fence) continue;
    const end = lines.indexOf(fence[1], at + 1);
    if (end < 0) throw new Error(`${document}:${at + 1}: this fence is never closed`);
    const before = MARK.exec(lines[at - 1] ?? '')?.[1];
    if (LANGUAGES.includes(fence[2]) || before !== undefined) {
      if (before === undefined) throw new Error(`${document}:${at + 1}: this sample has no mark, so nobody runs it: see CONTRIBUTING.md`);
      samples.push(sample(document, at + 2, fence[2], lines.slice(at + 1, end), before));
    }
    at = end;
  }
  return samples;
}

const MARK = /^<!-- sample: (.*) -->$/;
const FENCE = /^(```+)(\w*).*$/;

function sample(document, line, language, lines, mark) {
  const [head, ...rest] = mark.split('; ');
  const [setting, ...words] = head.split(' ');
  const steps = rest.map((step) => {
    const found = /^(until|bob|click|prints) (.+)$/.exec(step);
    if (!found) throw new Error(`${document}:${line}: no such step: ${step}`);
    return { act: found[1], text: found[2] };
  });
  const place = `${document}:${line}`;
  return { place, name: place.replaceAll(/\W+/g, '-'), document, language, code: lines.join('\n'), line, setting, words, steps };
}

/** The examples in the descriptions of the types, which are compiled as samples are. */
export function allExamples() {
  const files = readdirSync(join(ROOT, 'js'), { recursive: true }).filter((name) => name.endsWith('.ts')).sort();
  return files.flatMap((name) => examplesOf(join('js', name), readFileSync(join(ROOT, 'js', name), 'utf8')));
}

/**
 * The examples of one source file.
 *
 * @param {string} document its path
 * @param {string} text its content
 * @returns {Sample[]}
 */
export function examplesOf(document, text) {
  return [...text.matchAll(/^ *\* @example\n((?: *\*(?!\/)(?! @).*\n)+)/gm)].map(({ 0: all, 1: block, index }) => {
    const line = text.slice(0, index + all.indexOf('\n') + 1).split('\n').length;
    const lines = block.trimEnd().split('\n').map((one) => one.replace(/^ *\* ?/, ''));
    return sample(document, line, 'js', lines, 'example');
  });
}
