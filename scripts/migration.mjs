// The tables of docs/guide/migration.md: every function and event of Kandy.js 4.8 and what is otherwise here, out of the same rows and
// reasons as docs/api-coverage.md, and the names of Kandy.js 3.x. UPDATE=1 writes them into the page; without it they are compared.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ABSENT, ANSWERED, OTHERWISE } from '../tests/api/differences.mjs';
import { OLDER } from '../tests/api/older.mjs';
import { ROWS } from '../tests/api/rows.mjs';
import { ROOT } from './lib/paths.mjs';

const PAGE = join(ROOT, 'docs', 'guide', 'migration.md');

/**
 * Compares, or writes, the tables; resolves with a line that says how many rows they have.
 *
 * @throws {Error} if the page has other tables, or a difference of which no table tells
 */
export function migration() {
  const tables = {
    functions: table(['function', 'here'], rows('function', 'parameter', functionOf)),
    events: table(['event', 'here'], rows('event', 'payload', eventOf)),
    others: table(['what', 'here'], others()),
    older: table(['3.x', 'here'], OLDER.map(({ name, says }) => [`\`${name}\``, says])),
  };
  const page = readFileSync(PAGE, 'utf8');
  const written = Object.entries(tables).reduce((text, [name, lines]) => {
    const [begin, end] = [`<!-- table: ${name} -->`, '<!-- end of the table -->'];
    const from = text.indexOf(begin);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`docs/guide/migration.md has no place for the table of ${name}`);
    return `${text.slice(0, from)}${begin}\n\n${lines}\n\n${text.slice(to)}`;
  }, page);
  if (process.env.UPDATE) writeFileSync(PAGE, written);
  else if (page !== written) throw new Error('the tables of docs/guide/migration.md are not what rows and reasons say; UPDATE=1 node scripts/migration.mjs writes them');
  return `${rows('function', 'parameter', functionOf).length} functions, ${rows('event', 'payload', eventOf).length} events, ${OLDER.length} names of 3.x`;
}

/** Why a row is otherwise, or not there; undefined if it is as in 4.8. */
function reason(id) {
  if (id in ABSENT) return `not there: ${ABSENT[id]}`;
  return OTHERWISE[id] ?? ANSWERED[id]?.why;
}

/** A line for each row of a kind, with what is otherwise in it or in the rows that belong to it. */
function rows(kind, part, owner) {
  const parts = ROWS.filter((row) => row.kind === part || row.kind.startsWith('bad input')).map(({ id }) => id);
  return ROWS.filter((row) => row.kind === kind).map(({ id }) => {
    if (id in ABSENT) return [`\`${id}\``, sentence(reason(id))];
    const differences = [reason(id), ...parts.filter((part) => owner(part) === id).map((part) => {
      const why = reason(part);
      return why && `\`${named(id, part)}\`: ${why}`;
    })].filter(Boolean);
    return [`\`${id}\``, differences.length > 0 ? differences.map(sentence).join(' ') : 'the same'];
  });
}

/** What part of it a row is about: a bad input as it is called, of anything else the last of its name. */
function named(id, part) {
  return part.startsWith('bad ') ? part.slice('bad '.length) : part.slice(id.length).replace(/^[.( ]+|\)$/g, '');
}

/** Differences of what is neither a function nor an event: options, objects, constants, codes that 4.8 does not use. */
function others() {
  const told = new Set(ROWS.filter(({ kind }) => ['function', 'parameter', 'event', 'payload'].includes(kind)).map(({ id }) => id));
  const rest = ROWS.filter(({ id, kind }) => !told.has(id) && !kind.startsWith('bad input') && reason(id) && kind !== 'error');
  return rest.map(({ id }) => [`\`${id}\``, sentence(reason(id))]);
}

/** `call.make(options.from)` belongs to `call.make`; so does a bad input of it. */
function functionOf(id) {
  return id.replace(/^bad /, '').split('(')[0];
}

/** `auth:change.reason` belongs to `auth:change`. */
function eventOf(id) {
  return id.split('.')[0];
}

// References to the description of 4.8 are for those who work on this project.
function sentence(text) {
  const plain = text.replace(/ \((?:api-behaviour|protocol)[^)]*\)/g, '');
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)}${/[.!]$/.test(plain) ? '' : '.'}`;
}

function table(head, lines) {
  const row = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(migration());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
