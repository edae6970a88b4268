// JsSIP, with a socket of its `Socket` interface that stays in the page.
import { connect } from '../sip-switch.js';

const OPTIONS = { mediaConstraints: { audio: true, video: false } };
const EVENTS = ['connecting', 'connected', 'registered'];

let UA;

export async function load() {
  ({ UA } = await import('../lib/jssip/index.js'));
}

export function client(name, heard) {
  const agent = new UA({ sockets: pageSocket(), uri: `sip:${name}@example.com` });
  for (const event of EVENTS) agent.on(event, heard);
  const ready = new Promise((resolve, reject) => {
    agent.on('registered', resolve);
    agent.on('registrationFailed', ({ cause }) => reject(new Error(cause)));
  });
  const start = () => {
    agent.start();
    return ready;
  };
  return { agent, start };
}

export async function call({ agent: alice }, { agent: bob }) {
  const called = new Promise((resolve) => {
    bob.once('newRTCSession', ({ session }) => {
      const up = confirmed(session);
      session.answer(OPTIONS);
      resolve(up);
    });
  });
  const caller = alice.call('sip:bob@example.com', OPTIONS);
  const sessions = await Promise.all([confirmed(caller), called]);
  return async () => {
    const over = sessions.map((session) => new Promise((resolve) => session.on('ended', resolve)));
    caller.terminate();
    await Promise.all(over);
  };
}

function confirmed(session) {
  return new Promise((resolve, reject) => {
    session.on('confirmed', () => resolve(session));
    session.on('failed', ({ cause }) => reject(new Error(cause)));
  });
}

function pageSocket() {
  let end;
  return {
    via_transport: 'WS',
    url: 'ws://switch.invalid',
    sip_uri: 'sip:switch.invalid;transport=ws',
    connect() {
      end = connect();
      end.hear((data) => this.ondata(data));
      queueMicrotask(() => this.onconnect());
    },
    disconnect() {
      end.close();
      this.ondisconnect(false);
    },
    send(text) {
      end.send(text);
      return true;
    },
    isConnected: () => end !== undefined,
    isConnecting: () => false,
  };
}
