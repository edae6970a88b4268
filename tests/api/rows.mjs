// The rows of the API tables, as the description of Kandy.js 4.8 has them. Bad inputs of the client itself are a kind of their own:
// most of them never reach the engine. Options have one `default`, or `defaults` by flavour.
import { readFileSync } from 'node:fs';

/** @type {{ id: string, kind: string, flavour: string, [fact: string]: any }[]} */
export const ROWS = JSON.parse(readFileSync(new URL('rows.json', import.meta.url), 'utf8'));
