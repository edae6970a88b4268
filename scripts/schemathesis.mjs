// npm run test:api: asks the gateway everything that its description (/openapi.json) allows, and much that it does not, by
// Schemathesis, which makes requests of the description and holds the answers against it. None may be a 500, none may be of a
// status, type or shape that is not described. Schemathesis is no part of the product: it is installed for this alone.
//
// `EXAMPLES=200 npm run test:api` asks more often; `SEED=7` asks something else.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gateway, gatewayFile } from './gateway.mjs';
import { CACHE, onPath } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

const VERSION = '4.32.5';
const CHECKS = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_headers_conformance', 'response_schema_conformance'];
const OPERATOR_KEY = 'key-of-the-operator-for-tests';
const USER = 'alice@example.com';
const PASSWORD = 'demo';
/** Requests of the fuzzing phase for each operation; the phases before it ask as often as there are things to try. */
const EXAMPLES = Number(process.env.EXAMPLES ?? 30);
const SEED = Number(process.env.SEED ?? 1);
/** A gateway that does not answer by then is broken. */
const PATIENCE_MS = 20_000;
/** Longest run of one part, in seconds. */
const LIMIT = 1_200;

/**
 * Asks everything of a gateway that is started for it.
 *
 * @returns {Promise<string>} how many requests there were, for each part
 * @throws {Error} without Python 3, or with all that Schemathesis found
 */
export async function schemathesis() {
  const program = await install();
  await gateway('debug');
  const folder = mkdtempSync(join(tmpdir(), 'kandy-schemathesis-'));
  const server = await start();
  const stop = () => { server.child.kill('SIGTERM'); rmSync(folder, { recursive: true, force: true }); };
  process.once('exit', stop);
  try {
    const counts = [];
    for (const part of await parts(server.url)) {
      const { operations, requests } = await ask(program, server.url, folder, part);
      counts.push(`${part.name}: ${operations} operations, ${requests} requests`);
    }
    if (server.child.exitCode !== null) throw new Error('the gateway ended');
    return counts.join('\n');
  } finally {
    process.off('exit', stop);
    stop();
  }
}

/** The program, in a folder named after its version. */
async function install() {
  const folder = join(CACHE, `schemathesis-${VERSION}`);
  const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const [program, done] = [join(programs, 'st'), join(folder, 'installed')];
  if (existsSync(done)) return program;
  const python = onPath('python3') ?? onPath('python');
  if (!python) throw new Error('Python 3 is missing; Schemathesis needs it. Install python3 and python3-venv.');
  try {
    await run(python, ['-m', 'venv', folder]);
  } catch (error) {
    throw new Error(`Python cannot make a virtual environment (Debian: install python3-venv): ${error.message}`);
  }
  await run(join(programs, 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`]);
  // Last, so that an installation that was interrupted is done again.
  writeFileSync(done, VERSION);
  return program;
}

/** A gateway with demo accounts, on a free port of this machine; wrong passwords cost nothing to speak of. */
async function start() {
  const env = {
    ...process.env,
    KANDY_OPERATOR_KEY: OPERATOR_KEY,
    KANDY_USER_TRIES: '1000',
    KANDY_ADDRESS_TRIES: '100000',
    KANDY_LOG: 'error',
  };
  const child = spawn(gatewayFile('debug'), ['--dev', '--listen', '127.0.0.1:0'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([code]) => { throw new Error(`the gateway ended with ${code}`); });
  let said = '';
  const listens = new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (said.includes('Ctrl-C')) resolve(/listens on (\S+)/.exec(said)[1]);
    });
  });
  const late = AbortSignal.timeout(PATIENCE_MS);
  const tooLate = once(late, 'abort').then(() => { throw new Error('the gateway did not start in time'); });
  try {
    return { child, url: `http://${await Promise.race([listens, ended, tooLate])}` };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    ended.catch(() => {});
    tooLate.catch(() => {});
  }
}

/** What is asked, by whom: the credential of each part, and values that random texts would never hit. */
async function parts(url) {
  const operator = `Bearer ${OPERATOR_KEY}`;
  const basic = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  await fetched(url, 'PUT', '/operator/v1/accounts/demo', operator, { quota: { limit: 1_000_000_000, interval: 1, timeUnit: 'day' }, limitQuantity: 1_000_000 });
  const form = new URLSearchParams({ client_id: 'demo-client', client_secret: 'demo-secret' });
  const { access_token: token } = await fetched(url, 'POST', '/oauth/client_credential/accesstoken?grant_type=client_credentials', undefined, form);
  await fetched(url, 'POST', '/communication/kandy/provisioning/order', `Bearer ${token}`, { type: 'increment', quantity: 10_000 });
  // Without a client of their own, users get no further than to hear that they need one.
  await fetched(url, 'POST', `/rest/version/1/user/${USER}/subscription`, basic, {
    subscribeRequest: {
      expires: 86_400, service: ['call', 'IM', 'Presence', 'event:dialog', 'event:presence'], localization: 'English_US', useTurn: true, notificationType: 'WebSocket',
    },
  });
  const { success: pair } = await fetched(url, 'GET', '/v2.0/auth/mk_token', basic);
  const others = ['Provisioning', 'Service', 'Operator'];
  const user = { 'path.user': USER, 'path.version': '1' };
  return [
    { name: 'accounts', authorization: `Bearer ${token}`, choice: ['--include-tag', 'Provisioning', '--include-tag', 'Service'], parameters: {} },
    { name: 'users', authorization: basic, choice: others.flatMap((tag) => ['--exclude-tag', tag]), parameters: user },
    { name: 'a token that is renewed', authorization: undefined, choice: ['--include-operation-id', 'refreshToken'], parameters: { 'query.token': pair.refresh_token } },
    { name: 'users with a token', authorization: undefined, choice: ['--include-path-regex', '/rm/'], parameters: { ...user, 'query.token': pair.access_token } },
    { name: 'a token that ends', authorization: `Bearer ${pair.access_token}`, choice: ['--include-operation-id', 'revokeToken'], parameters: {} },
    // Last: it may block the account, and what is known of it.
    { name: 'operator', authorization: operator, choice: ['--include-tag', 'Operator'], parameters: { 'path.user': USER } },
    { name: 'operator of a known account', authorization: operator, choice: ['--include-path-regex', '/operator/v1/(accounts|clients)/'], parameters: { 'path.account': 'demo', 'path.client': 'demo-client', 'path.orderNumber': 'ORD-000000001' } },
  ];
}

async function fetched(url, method, path, authorization, body) {
  const form = body instanceof URLSearchParams;
  const response = await fetch(url + path, {
    method,
    headers: authorization ? { authorization } : {},
    body: body === undefined || form ? body : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Runs one part. What it prints names every fault with a command that shows it again. */
async function ask(program, url, folder, { name, authorization, choice, parameters }) {
  const config = join(folder, 'schemathesis.toml');
  const lines = Object.entries(parameters).map(([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(value)}`);
  writeFileSync(config, ['[parameters]', ...lines, ''].join('\n'));
  const options = [
    '--checks', CHECKS.join(','), '--max-examples', String(EXAMPLES), '--seed', String(SEED), '--continue-on-failure', '--warnings', 'off',
    // How long it takes to think of a request says nothing of the gateway.
    '--suppress-health-check', 'all',
  ];
  const header = authorization ? ['--header', `Authorization: ${authorization}`] : [];
  const output = await run(program, ['--no-color', '--config-file', config, 'run', `${url}/openapi.json`, ...header, ...choice, ...options], { cwd: folder, limit: LIMIT });
  const [, operations] = /Tested: (\d+)/.exec(output) ?? [];
  const [, requests] = /(\d+) generated/.exec(output) ?? [];
  if (!requests) throw new Error(`Schemathesis does not say how often it asked (${name}).`);
  return { operations: Number(operations), requests: Number(requests) };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(await schemathesis());
  } catch (error) {
    if (error.output) console.log(error.output.trimEnd());
    console.log(error.message);
    process.exitCode = 1;
  }
}
