// Every code sample of the documents does what the document says: in a page, against a gateway and two other people, or in Node.
// scripts/samples.mjs has looked that each has a mark, and that it compiles.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createProvisioningClient } from '../../pkg/provisioning.js';
import { modules } from '../../scripts/samples.mjs';
import { browserPool } from './lib/browsers.mjs';
import { startGateway } from './lib/gateway.mjs';
import { openPage } from './lib/page.mjs';
import { WWW, prepareNode, preparePages, runInNode, runInPage, writePageModule } from './lib/samples.mjs';

/** Whole applications out of the documents, each with the test that puts it together and uses it. */
const APPLICATIONS = { 'docs/guide/quick-start.md': 'first-call.test.mjs', 'docs/guide/csp-and-bundlers.md': 'plain-script.test.mjs' };

// Only those of one document, for whoever writes it: SAMPLES=docs/guide/calls.md
const all = modules().filter(({ parts: [{ document }] }) => !process.env.SAMPLES || document === process.env.SAMPLES);
const browsers = browserPool();

preparePages();
prepareNode();
const gateway = await startGateway(WWW);
after(async () => {
  await browsers.close();
  await gateway.stop();
});
const provisioning = createProvisioningClient({ baseUrl: gateway.url, clientId: 'demo-client', clientSecret: 'demo-secret' });

for (const module of all.filter(({ where }) => where === 'page')) {
  test(`${module.parts[0].place}: in a page, ${module.setting}`, async () => {
    await writePageModule(module, gateway.port);
    const [driver, other] = await Promise.all([browsers.get('chromium', 1), others()]);
    await runInPage(module, { driver, other, url: gateway.url, given: await givenTo(module) });
  });
}

for (const module of all.filter(({ where }) => where === 'node')) {
  test(`${module.parts[0].place}: in Node, ${module.setting}`, async () => {
    // It has a gateway inside.
    if (module.setting === 'test') return runInNode(module, { url: gateway.url });
    // What a sample orders and makes is not to be there for the next one.
    const own = await startGateway(WWW);
    try {
      await runInNode(module, { url: own.url, before: module.setting === 'provisioning' ? PROVISIONING : '' });
    } finally {
      await own.stop();
    }
  });
}

test('whole applications have a test of their own', () => {
  for (const { parts: [{ document }] } of all.filter(({ where }) => where === 'app')) assert.ok(document in APPLICATIONS, document);
});

/** The page of Bob and Carol, which stays open. */
let opened;
function others() {
  opened ??= browsers.get('chromium', 2).then((driver) => openPage(driver, `${gateway.url}/other.html`));
  return opened;
}

/** What a setting gives that only a server can make. */
async function givenTo({ setting }) {
  if (setting !== 'subscriber') return {};
  await provisioning.order.create({ type: 'increment', quantity: 1 });
  const { identity, password, connection } = await provisioning.subscriber.create();
  return { identity, password, connection };
}

/** What a server's sample finds. */
const PROVISIONING = `
import { createProvisioningClient as make } from 'kandy-wasm/provisioning';
const client = make({ baseUrl: 'http://127.0.0.1:8080', clientId: 'demo-client', clientSecret: 'demo-secret' });
await client.order.create({ type: 'increment', quantity: 10 });
const { subscriberId } = await client.subscriber.create();
`;
