// As much of a SIP registrar and proxy as a call needs (RFC 3261 10 and 16), within the page: it knows where everybody is, hands
// requests on to there, and answers back on the way that they came. It keeps nothing of calls.
import { line } from './line.js';

/** Where each user wants to be asked: a URI, by address. */
const contacts = new Map();

/** Ends of lines. Their number stands for them in `Via`. */
const ends = [];

/** Numbers of lines, by the address of the contact at their other end. */
const places = new Map();

/** Connects a user agent: its end of the line. */
export function connect() {
  const [outside, inside] = line();
  const number = ends.push(inside) - 1;
  inside.hear((text) => (text.startsWith('SIP/2.0 ') ? answer(text) : request(text, number)));
  return outside;
}

function request(text, from) {
  const [method, uri] = text.split(' ', 2);
  if (method === 'REGISTER') return register(text, from);
  const contact = contacts.get(address(uri)) ?? uri;
  const place = places.get(address(contact));
  if (place === undefined) return reply(text, from, '404 Not Found');
  const via = `Via: SIP/2.0/WS switch.invalid;branch=${branch(text)}-1;line=${from}`;
  return ends[place].send(`${method} ${contact} SIP/2.0\r\n${via}${text.slice(text.indexOf('\r\n'))}`);
}

/** Takes off the `Via` that `request` put on. */
function answer(text) {
  const [via, number] = /^Via: SIP\/2\.0\/WS switch\.invalid;.*line=(\d+).*\r\n/im.exec(text);
  ends[number].send(text.replace(via, ''));
}

function register(text, from) {
  const contact = header(text, 'Contact');
  contacts.set(address(header(text, 'To')), /<([^>]+)>/.exec(contact)[1]);
  places.set(address(contact), from);
  reply(text, from, '200 OK', [`Contact: ${contact}`, `Expires: ${header(text, 'Expires') ?? 600}`]);
}

function reply(text, to, status, more = []) {
  const same = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${header(text, name)}`);
  const all = [`SIP/2.0 ${status}`, ...same, `To: ${header(text, 'To')};tag=switch`, ...more, 'Content-Length: 0'];
  ends[to].send(`${all.join('\r\n')}\r\n\r\n`);
}

function header(text, name) {
  return new RegExp(`^${name}: *([^\\r]*)\\r`, 'im').exec(text)?.[1];
}

function branch(text) {
  return /branch=([^;\s]+)/i.exec(text)[1];
}

/** User and host, without parameters. */
function address(uri) {
  return /sips?:([^@;>\s]+@[^:;>\s]+)/i.exec(uri)[1];
}
