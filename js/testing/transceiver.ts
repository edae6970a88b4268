// The lines of a fake peer connection: what each sends and receives.

import type { Clock } from './clock.js';
import { FakeMediaStream, FakeTrack } from './media.js';
import { Target } from './target.js';
import { fault, receives, sends, type Direction } from './sdp.js';

/** Sends a track. */
export class FakeSender {
  track: FakeTrack | null = null;
  streams: FakeMediaStream[] = [];
  readonly dtmf: FakeToneSender | null;

  constructor(
    clock: Clock,
    readonly line: FakeTransceiver,
  ) {
    this.dtmf = line.kind === 'audio' ? new FakeToneSender(clock, line) : null;
  }

  async replaceTrack(track: FakeTrack | null): Promise<void> {
    if (this.line.stopped) throw fault('InvalidStateError', 'The line is stopped.');
    if (track && track.kind !== this.line.kind) throw new TypeError(`The line is for ${this.line.kind}.`);
    this.track = track;
  }

  setStreams(...streams: FakeMediaStream[]): void {
    this.streams = streams;
  }

  getParameters(): object {
    return { encodings: [{ active: true }], codecs: [], headerExtensions: [], rtcp: {}, transactionId: '' };
  }

  async setParameters(): Promise<void> {}
}

/** Plays tones (W3C webrtc-pc 7). */
export class FakeToneSender extends Target {
  toneBuffer = '';
  #cancel = (): void => undefined;

  constructor(
    readonly clock: Clock,
    readonly line: FakeTransceiver,
  ) {
    super();
  }

  get canInsertDTMF(): boolean {
    return !this.line.stopped && sends(this.line.currentDirection);
  }

  insertDTMF(tones: string, duration = 100, gap = 70): void {
    if (!this.canInsertDTMF) throw fault('InvalidStateError', 'The line does not send.');
    this.toneBuffer = tones;
    this.#cancel();
    const play = (): void => {
      // What is held in between is cut off, and no browser says so.
      if (!this.canInsertDTMF) return;
      const tone = this.toneBuffer.slice(0, 1);
      this.toneBuffer = this.toneBuffer.slice(1);
      this.tell('tonechange', { tone });
      if (tone) this.#cancel = this.clock.after(tone === ',' ? COMMA_MS : duration + gap, play);
    };
    this.#cancel = this.clock.after(0, play);
  }

  stop(): void {
    this.#cancel();
  }
}

/** Milliseconds of a comma (W3C webrtc-pc 7.2). */
const COMMA_MS = 2_000;

/** One line of a connection. */
export class FakeTransceiver {
  mid: string | null = null;
  /** What it was when the connection was last stable: where a rollback returns to. */
  stableMid: string | null = null;
  currentDirection: Direction | 'stopped' | null = null;
  stopped = false;
  readonly sender: FakeSender;
  readonly receiver: { track: FakeTrack };
  /** Where the other side's track is. */
  streams: FakeMediaStream[] = [];
  #direction: Direction;

  constructor(
    clock: Clock,
    readonly kind: 'audio' | 'video',
    direction: Direction,
    trackId: string,
    /** Made by an offer of the other side; a rollback of that offer takes it away. */
    readonly remoteMade: boolean,
  ) {
    this.#direction = direction;
    this.sender = new FakeSender(clock, this);
    const track = new FakeTrack(kind, trackId, `remote ${kind}`);
    track.muted = true;
    this.receiver = { track };
  }

  get direction(): Direction | 'stopped' {
    return this.stopped ? 'stopped' : this.#direction;
  }

  set direction(direction: Direction) {
    if (this.stopped) throw fault('InvalidStateError', 'The line is stopped.');
    this.#direction = direction;
  }

  /** The wish, also of a line that is stopped. */
  get wanted(): Direction {
    return this.#direction;
  }

  /** Whether media of the other side arrive, as far as was agreed on. */
  get hears(): boolean {
    return !this.stopped && receives(this.currentDirection);
  }

  /** For good. */
  stop(): void {
    this.stopped = true;
    this.currentDirection = 'stopped';
    this.sender.dtmf?.stop();
    for (const stream of this.streams) stream.receive(this.receiver.track, false);
    this.streams = [];
    this.receiver.track.end();
  }
}
