// The rows of the API tables.
import { readFileSync } from 'node:fs';

/** @type {{ id: string, kind: string, flavour: string, [fact: string]: any }[]} */
export const ROWS = JSON.parse(readFileSync(new URL('rows.json', import.meta.url), 'utf8'));
