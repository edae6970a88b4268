// A peer connection without a browser: as strict as a real one about the order and the fit of descriptions, with the same names
// of errors. `tests/peer-scripts.json` runs on it and on real ones, and both come to the same outcomes. No media flow.

import type { Clock } from './clock.js';
import { FakeMediaStream, type FakeTrack } from './media.js';
import type { Line } from './network.js';
import type { Field } from './field.js';
import type { Random } from './random.js';
import { reportOf } from './stats.js';
import { CANDIDATE, fault, mustMatch, narrowed, read, rejected, roleOf, sends, ufragOf, withCandidates, write, type Sdp, type Section } from './sdp.js';
import { Target } from './target.js';
import { FakeTransceiver, type FakeSender } from './transceiver.js';

/** What connections need of their world. */
export interface PeerWorld {
  clock: Clock;
  random: Random;
  /** Where connections find each other. */
  field: Field;
  /** The line of a host. */
  lineOf(host: string): Line;
}

type Kind = 'offer' | 'answer';
type Described = { type: Kind; text: string; sdp: Sdp };

/** `RTCPeerConnection.connectionState` */
export type Connectedness = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

/** Milliseconds until all candidates are there. */
const GATHER_MS = 10;

/** Makes the class `RTCPeerConnection` of a world. */
export function peerGlobal(world: PeerWorld): unknown {
  return class RTCPeerConnection extends FakePeer {
    constructor(configuration: { iceServers?: { urls: string | string[] }[] } = {}) {
      super(world, configuration);
    }
  };
}

/** One connection. */
export class FakePeer extends Target {
  signalingState: 'stable' | 'have-local-offer' | 'have-remote-offer' | 'closed' = 'stable';
  iceGatheringState: 'new' | 'gathering' | 'complete' = 'new';
  connectionState: Connectedness = 'new';
  /** The network that it uses. */
  readonly line: Line;
  /** Milliseconds since the epoch at which media began to flow. */
  since: number | undefined;
  readonly #configuration: object;
  readonly #session: string;
  #version = 1;
  #lines: FakeTransceiver[] = [];
  #current: { local?: Described; remote?: Described } = {};
  #pending: { local?: Described; remote?: Described } = {};
  /** Credentials for the first offer. */
  readonly #first: string;
  /** Those for which candidates are there; a restart adds one. */
  readonly #gathered = new Set<string | undefined>();
  /** Our DTLS role, fixed by the first answer. */
  #role: 'active' | 'passive' | undefined;
  #streams = new Map<string, FakeMediaStream>();

  constructor(
    readonly world: PeerWorld,
    configuration: { iceServers?: { urls: string | string[] }[] } = {},
  ) {
    super();
    for (const { urls } of configuration.iceServers ?? []) {
      for (const url of [urls].flat()) {
        if (!/^(stun|stuns|turn|turns):./.test(url)) throw new DOMException(`${url} is no address of a STUN or TURN server.`, 'SyntaxError');
      }
    }
    this.#configuration = configuration;
    const host = /^stun:([^:?]+)/.exec([configuration.iceServers?.[0]?.urls ?? ''].flat()[0] ?? '')?.[1];
    this.line = world.lineOf(host ?? '');
    this.#first = this.#fresh();
    this.#session = String(parseInt(world.random.uuid().slice(0, 8), 16) + 1);
  }

  get iceConnectionState(): Connectedness | 'checking' {
    return this.connectionState === 'connecting' ? 'checking' : this.connectionState;
  }

  get localDescription(): object | null {
    return this.#shown(this.#pending.local ?? this.#current.local, true);
  }

  get currentLocalDescription(): object | null {
    return this.#shown(this.#current.local, true);
  }

  get pendingLocalDescription(): object | null {
    return this.#shown(this.#pending.local, true);
  }

  get remoteDescription(): object | null {
    return this.#shown(this.#pending.remote ?? this.#current.remote, false);
  }

  get currentRemoteDescription(): object | null {
    return this.#shown(this.#current.remote, false);
  }

  get pendingRemoteDescription(): object | null {
    return this.#shown(this.#pending.remote, false);
  }

  getConfiguration(): object {
    return { ...this.#configuration };
  }

  getTransceivers(): FakeTransceiver[] {
    return [...this.#lines];
  }

  getSenders(): FakeSender[] {
    return this.#lines.map(({ sender }) => sender);
  }

  getReceivers(): { track: FakeTrack }[] {
    return this.#lines.map(({ receiver }) => receiver);
  }

  addTransceiver(what: FakeTrack | 'audio' | 'video', init: { direction?: FakeTransceiver['wanted']; streams?: FakeMediaStream[] } = {}): FakeTransceiver {
    this.#mustBeOpen();
    const kind = typeof what === 'string' ? what : what.kind;
    if (kind !== 'audio' && kind !== 'video') throw new TypeError(`${String(kind)} is no kind of media.`);
    const line = this.#newLine(kind, init.direction ?? 'sendrecv', this.world.random.uuid(), false);
    if (typeof what !== 'string') line.sender.track = what;
    line.sender.streams = [...(init.streams ?? [])];
    return line;
  }

  addTrack(track: FakeTrack, ...streams: FakeMediaStream[]): FakeSender {
    return this.addTransceiver(track, { streams }).sender;
  }

  async createOffer({ iceRestart = false }: { iceRestart?: boolean } = {}): Promise<object> {
    this.#mustBe('make an offer', 'stable', 'have-local-offer');
    const ufrag = iceRestart ? this.#fresh() : this.#ufrag();
    const before = this.#described();
    const known = before.map((old) => this.#section(old.mid, this.#at(old.mid), 'sendrecv', 'actpass', ufrag) ?? rejected(old));
    const taken = new Set(before.map(({ mid }) => mid));
    const added = this.#lines
      .filter((line) => line.mid === null || !taken.has(line.mid))
      .map((line) => {
        const mid = line.mid ?? this.#freeMid(taken);
        taken.add(mid);
        return this.#section(mid, line, 'sendrecv', 'actpass', ufrag)!;
      });
    return this.#made('offer', [...known, ...added]);
  }

  async createAnswer(): Promise<object> {
    this.#mustBe('make an answer', 'have-remote-offer');
    const offer = this.#pending.remote!.sdp;
    const before = this.#current.remote?.sdp;
    // Other credentials there make new ones here.
    const ufrag = before && ufragOf(before) !== ufragOf(offer) ? this.#fresh() : this.#ufrag();
    const setup = this.#role ?? 'active';
    const sections = offer.sections.map((offered) => {
      const section = offered.rejected ? undefined : this.#section(offered.mid, this.#at(offered.mid), offered.direction, setup, ufrag);
      return section ?? rejected(offered);
    });
    return this.#made('answer', sections);
  }

  async setLocalDescription(given?: { type: string; sdp?: string }): Promise<void> {
    this.#mustBeOpen();
    const description = given ?? ((await (this.signalingState === 'have-remote-offer' ? this.createAnswer() : this.createOffer())) as { type: string; sdp: string });
    if (description.type === 'rollback') return this.#rollback('have-local-offer');
    if (description.type === 'offer') this.#mustBe('set an offer', 'stable', 'have-local-offer');
    else if (description.type === 'answer') this.#mustBe('set an answer', 'have-remote-offer');
    else throw fault('NotSupportedError', `There is no description of the type ${description.type} here.`);
    const described = { type: description.type, text: description.sdp ?? '', sdp: read(description.sdp ?? '') } as Described;
    if (described.type === 'answer') {
      mustMatch(this.#pending.remote!.sdp, described.sdp);
      this.#role ??= roleOf(described.sdp, true);
      this.#settle(described, this.#pending.remote!);
    } else {
      this.#name(described.sdp);
      this.#pending = { local: described };
      this.#become('have-local-offer');
    }
    this.#gather();
  }

  async setRemoteDescription({ type, sdp: text = '' }: { type: string; sdp?: string }): Promise<void> {
    this.#mustBeOpen();
    if (type === 'rollback') return this.#rollback('have-remote-offer');
    const described = { type, text, sdp: read(text) } as Described;
    if (type === 'answer') {
      this.#mustBe('apply an answer', 'have-local-offer');
      mustMatch(this.#pending.local!.sdp, described.sdp);
      const role = roleOf(described.sdp, false) ?? this.#role;
      if (this.#role && role !== this.#role) throw fault('InvalidAccessError', 'The DTLS role cannot change');
      this.#role = role;
      const heard = this.#hear(described.sdp);
      this.#settle(this.#pending.local!, described);
      heard.forEach((tell) => tell());
      return;
    }
    for (const { stableMid, kind } of this.#lines) {
      const same = ({ mid, kind: other }: Section): boolean => mid === stableMid && kind === other;
      if (stableMid !== null && !described.sdp.sections.some(same)) throw fault('InvalidAccessError', 'The m-lines of the offer do not match those before');
    }
    // Both sides offered at once: theirs takes the place of ours.
    if (this.signalingState === 'have-local-offer') this.#rollback('have-local-offer');
    for (const section of described.sdp.sections) {
      if (section.rejected || this.#at(section.mid)) continue;
      const line = this.#newLine(section.kind, 'recvonly', section.msid?.[1] ?? this.world.random.uuid(), true);
      line.mid = section.mid;
    }
    const heard = this.#hear(described.sdp);
    this.#pending = { remote: described };
    this.#become('have-remote-offer');
    heard.forEach((tell) => tell());
  }

  async addIceCandidate(): Promise<void> {
    this.#mustBeOpen();
    if (!this.remoteDescription) throw fault('InvalidStateError', 'There is no remote description yet.');
  }

  async getStats(track?: FakeTrack | null): Promise<Map<string, object>> {
    const lines = this.#lines.filter(({ sender, receiver }) => !track || sender.track === track || receiver.track === track);
    if (track && lines.length === 0) throw fault('InvalidAccessError', 'The connection does not have this track.');
    return reportOf(this, lines, this.world.clock.now());
  }

  close(): void {
    if (this.signalingState === 'closed') return;
    this.signalingState = 'closed';
    this.connectionState = 'closed';
    this.#lines.forEach((line) => line.stop());
    this.world.field.leave(this);
  }

  /** The state of the transport changes. */
  connection(state: Connectedness): void {
    if (this.connectionState === state || this.connectionState === 'closed') return;
    this.connectionState = state;
    if (state === 'connected') this.since ??= this.world.clock.now();
    this.#flow();
    this.tell('iceconnectionstatechange');
    this.tell('connectionstatechange');
  }

  /** Own credentials in force. */
  get ufrag(): string {
    return ufragOf(this.#current.local?.sdp) ?? this.#first;
  }

  /** The other side's credentials in force. */
  get remoteUfrag(): string | undefined {
    return ufragOf(this.#current.remote?.sdp);
  }

  #fresh(): string {
    return this.world.random.uuid().slice(0, 4);
  }

  #ufrag(): string {
    return ufragOf(this.#pending.local?.sdp) ?? this.ufrag;
  }

  #at(mid: string): FakeTransceiver | undefined {
    return this.#lines.find((line) => line.mid === mid);
  }

  #newLine(kind: 'audio' | 'video', direction: FakeTransceiver['wanted'], trackId: string, remoteMade: boolean): FakeTransceiver {
    const line = new FakeTransceiver(this.world.clock, kind, direction, trackId, remoteMade);
    this.#lines.push(line);
    return line;
  }

  #freeMid(taken: Set<string>): string {
    let mid = 0;
    while (taken.has(String(mid)) || this.#at(String(mid))) mid += 1;
    return String(mid);
  }

  /** The m-sections that every later description has to repeat. */
  #described(): Section[] {
    const { local, remote } = this.#current;
    const [ours, theirs] = [local?.sdp.sections ?? [], remote?.sdp.sections ?? []];
    return ours.length >= theirs.length ? ours : theirs;
  }

  #section(mid: string, line: FakeTransceiver | undefined, offered: Section['direction'], setup: string, ufrag: string): Section | undefined {
    if (!line || line.stopped) return undefined;
    const direction = narrowed(line.wanted, offered);
    const { track, streams } = line.sender;
    const msid = track && sends(direction) ? ([streams[0]?.id ?? '-', track.id] as [string, string]) : undefined;
    return { kind: line.kind, rejected: false, mid, direction, msid, ufrag, setup };
  }

  #made(type: Kind, sections: Section[]): object {
    this.#version += 1;
    const text = write({ session: this.#session, version: this.#version, sections });
    return { type, sdp: this.#gathered.has(ufragOf({ session: '', version: 0, sections })) ? withCandidates(text) : text };
  }

  #shown(described: Described | undefined, own: boolean): object | null {
    if (!described) return null;
    const gathered = own && this.#gathered.has(ufragOf(described.sdp));
    const description = { type: described.type, sdp: gathered ? withCandidates(described.text) : described.text };
    return { ...description, toJSON: () => description };
  }

  /** Gives the lines of an offer of ours their names. */
  #name({ sections }: Sdp): void {
    for (const { mid, kind, rejected } of sections) {
      if (rejected || this.#at(mid)) continue;
      const line = this.#lines.find((line) => line.mid === null && line.kind === kind);
      if (!line) throw fault('InvalidAccessError', 'The offer has a line that the connection has not');
      line.mid = mid;
    }
  }

  /** Takes over what the other side sends. Returns what is to be told of it. */
  #hear({ sections }: Sdp): (() => void)[] {
    const events: (() => void)[] = [];
    for (const { mid, msid, direction, rejected } of sections) {
      const line = this.#at(mid);
      if (!line) continue;
      const { track } = line.receiver;
      const wanted = !rejected && sends(direction) && msid ? [this.#stream(msid[0])] : [];
      const came = wanted.filter((stream) => !line.streams.includes(stream));
      const went = line.streams.filter((stream) => !wanted.includes(stream));
      line.streams = wanted;
      for (const stream of went) stream.receive(track, false);
      for (const stream of came) stream.receive(track, true);
      const { receiver } = line;
      if (came.length > 0) events.push(() => this.tell('track', { track, streams: [...line.streams], receiver, transceiver: line }));
    }
    return events;
  }

  #stream(id: string): FakeMediaStream {
    const stream = this.#streams.get(id) ?? new FakeMediaStream([], id);
    this.#streams.set(id, stream);
    return stream;
  }

  #rollback(state: 'have-local-offer' | 'have-remote-offer'): void {
    this.#mustBe('roll back', state);
    const gone = this.#lines.filter((line) => line.remoteMade && line.stableMid === null);
    gone.forEach((line) => line.stop());
    this.#lines = this.#lines.filter((line) => !gone.includes(line));
    for (const line of this.#lines) line.mid = line.stableMid;
    this.#pending = {};
    this.#become('stable');
  }

  /** An answer was set or applied. */
  #settle(local: Described, remote: Described): void {
    this.#current = { local, remote };
    this.#pending = {};
    for (const line of this.#lines) {
      const [ours, theirs] = [local, remote].map(({ sdp }) => sdp.sections.find(({ mid }) => mid === line.mid));
      line.stableMid = line.mid;
      if (ours?.rejected || theirs?.rejected) line.stop();
      else if (ours && theirs) line.currentDirection = narrowed(ours.direction, theirs.direction);
    }
    this.#lines = this.#lines.filter(({ stopped }) => !stopped);
    this.#become('stable');
    this.#flow();
    this.world.field.look(this);
  }

  /** Tracks of the other side are silent while nothing comes. */
  #flow(): void {
    for (const line of this.#lines) line.receiver.track.mute(!(line.hears && this.connectionState === 'connected'));
  }

  #gather(): void {
    const local = (this.#pending.local ?? this.#current.local)!;
    const ufrag = ufragOf(local.sdp);
    if (ufrag === undefined || this.#gathered.has(ufrag)) return;
    this.#gathering('gathering');
    this.world.clock.after(GATHER_MS, () => {
      if (this.signalingState === 'closed') return;
      this.#gathered.add(ufrag);
      const sdpMid = local.sdp.sections[0]!.mid;
      this.tell('icecandidate', { candidate: { candidate: CANDIDATE, sdpMid, sdpMLineIndex: 0, usernameFragment: ufrag } });
      this.#gathering('complete');
      this.tell('icecandidate', { candidate: null });
    });
  }

  #gathering(state: 'gathering' | 'complete'): void {
    this.iceGatheringState = state;
    this.tell('icegatheringstatechange');
  }

  #become(state: 'stable' | 'have-local-offer' | 'have-remote-offer'): void {
    if (this.signalingState === state) return;
    this.signalingState = state;
    this.tell('signalingstatechange');
  }

  #mustBeOpen(): void {
    if (this.signalingState === 'closed') throw fault('InvalidStateError', 'The connection is closed.');
  }

  #mustBe(what: string, ...states: string[]): void {
    if (!states.includes(this.signalingState)) throw fault('InvalidStateError', `Cannot ${what} in the state ${this.signalingState}`);
  }
}
