// What most test files need: a gateway of their own and browsers, ended with the file's last test.
import { after } from 'node:test';
import { browserPool } from './browsers.mjs';
import { startGateway } from './gateway.mjs';

/** A gateway and browsers for the tests of one file; `more` as for `startGateway`. */
export async function stage(more) {
  const browsers = browserPool();
  const gateway = await startGateway(undefined, undefined, more);
  after(async () => {
    await browsers.close();
    await gateway.stop();
  });
  return { browsers, gateway };
}
