// SIP.js, with a transport of its `Transport` interface that stays in the page. By default it asks a public STUN server; here it has
// host candidates alone, as all others.
import { connect } from '../sip-switch.js';

const SOUND = { sessionDescriptionHandlerOptions: { constraints: { audio: true, video: false } } };

let sip;

export async function load() {
  sip = await import('../lib/sipjs/index.js');
}

export function client(name, heard) {
  const { UserAgent, Registerer, RegistererState } = sip;
  const agent = new UserAgent({
    uri: address(name),
    logLevel: 'error',
    delegate: { onConnect: heard },
    transportConstructor: PageTransport,
    sessionDescriptionHandlerFactoryOptions: { peerConnectionConfiguration: { iceServers: [] } },
  });
  agent.stateChange.addListener(heard);
  const registerer = new Registerer(agent);
  const registered = new Promise((resolve) => {
    registerer.stateChange.addListener((state) => state === RegistererState.Registered && resolve());
  });
  const start = async () => {
    await agent.start();
    await registerer.register();
    await registered;
  };
  return { agent, start };
}

export async function call({ agent: alice }, { agent: bob }) {
  const { Inviter, SessionState } = sip;
  const called = new Promise((resolve) => {
    bob.delegate.onInvite = (invitation) => resolve(invitation.accept(SOUND).then(() => invitation));
  });
  const caller = new Inviter(alice, address('bob'), SOUND);
  const up = state(caller, SessionState.Established);
  await caller.invite();
  const sessions = [caller, await called];
  await up;
  return async () => {
    const over = sessions.map((session) => state(session, SessionState.Terminated));
    await caller.bye();
    await Promise.all(over);
  };
}

function address(name) {
  return sip.UserAgent.makeURI(`sip:${name}@example.com`);
}

function state(session, wanted) {
  return new Promise((resolve) => {
    session.stateChange.addListener((state) => state === wanted && resolve());
  });
}

class PageTransport {
  protocol = 'WS';
  state = 'Disconnected';
  stateChange = new sip.EmitterImpl();
  #end;

  #become(state) {
    this.state = state;
    this.stateChange.emit(state);
  }

  async connect() {
    this.#become('Connecting');
    this.#end = connect();
    this.#end.hear((text) => this.onMessage?.(text));
    this.#become('Connected');
    this.onConnect?.();
  }

  async disconnect() {
    this.#become('Disconnecting');
    this.#end.close();
    this.#become('Disconnected');
    this.onDisconnect?.();
  }

  async send(text) {
    this.#end.send(text);
  }

  isConnected() {
    return this.state === 'Connected';
  }

  async dispose() {
    if (this.isConnected()) await this.disconnect();
  }
}
