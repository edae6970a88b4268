// A second net under the rule that no line holds a secret: what passes through here has none that can be told by its name.

/**
 * Plain data without passwords, tokens, relay credentials, session descriptions and what people write to each other, at any depth
 * and inside texts.
 */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return cleaned(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, SECRET.test(name) || WRITTEN.test(name) ? HIDDEN : withoutSecrets(member)]);
  return Object.fromEntries(members);
}

const HIDDEN = '[hidden]';

/** Names of members. A description holds the keys by which media are encrypted and connections are opened. */
const SECRET = /passw|pwd|secret|token|credential|authorization|cookie|fingerprint|crypto|^(?:original)?sdp$/i;

/** Names of members with messages (protocol §7.2, §7.3.5) and with what people say of their presence (§6). */
const WRITTEN = /^(?:msgText|txt|note)$/;
const WRITTEN_INSIDE = /"(?:msgText|txt|note)"/;

/** What people write has spaces, quotation marks and everything else in it: only JSON tells where it ends. */
function withoutWritten(text: string): string {
  try {
    return JSON.stringify(withoutSecrets(JSON.parse(text)));
  } catch {
    return HIDDEN;
  }
}

/** Texts can be JSON, forms, headers or addresses with such members inside. */
function cleaned(text: string): string {
  if (/^v=0|a=(?:fingerprint|ice-pwd|crypto)/.test(text)) return HIDDEN;
  if (WRITTEN_INSIDE.test(text)) return withoutWritten(text);
  return text.replace(SCHEME, `$1 ${HIDDEN}`).replace(PAIR, `$1${HIDDEN}`);
}

const SCHEME = /\b(Basic|Bearer) +[\w+/=.~-]+/gi;
const PAIR = /((?:passw|pwd|secret|token|credential|authorization|cookie|fingerprint|sdp)\w*\\?["']?\s*[=:]\s*\\?["']?)[^"'\\&\s,}]+/gi;
