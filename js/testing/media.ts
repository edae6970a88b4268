// Microphones, cameras and what comes out of them: tracks and streams, without a sound and without a picture.

import type { Clock } from './clock.js';
import type { Random } from './random.js';
import { Target } from './target.js';

/** `audioinput` is a microphone, `videoinput` a camera, `audiooutput` a loudspeaker. */
export type DeviceKind = 'audioinput' | 'videoinput' | 'audiooutput';

/** A device of the machine. */
export interface TestDevice {
  /** What it is. */
  kind: DeviceKind;
  /** By which pages ask for it. */
  deviceId: string;
  /** Seen by pages only after a permission was given. */
  label: string;
}

/** What a test can do to microphones and cameras. */
export interface TestMedia {
  /**
   * Refuses every request for a microphone or a camera.
   *
   * @param name of the error: `NotAllowedError` (default), `NotReadableError`, `AbortError`, `SecurityError`
   */
  refuse(name?: string): void;
  /** Grants requests again. */
  allow(): void;
  /** What is plugged in. At first one of each kind: `microphone`, `camera`, `speaker`. */
  readonly devices: readonly TestDevice[];
  /**
   * Plugs a device in; the page is told.
   *
   * @param device with an id that no other one has
   */
  plug(device: TestDevice): void;
  /**
   * Pulls a device out; the page is told, and its tracks end.
   *
   * @param deviceId of one of `devices`
   */
  unplug(deviceId: string): void;
}

/** The media of a world: for tests, for pages, and the classes of tracks and streams. */
export interface Media {
  control: TestMedia;
  mediaDevices: FakeMediaDevices;
  MediaStream: typeof FakeMediaStream;
  MediaStreamTrack: typeof FakeTrack;
}

const DEVICES: readonly TestDevice[] = [
  { kind: 'audioinput', deviceId: 'microphone', label: 'Microphone' },
  { kind: 'videoinput', deviceId: 'camera', label: 'Camera' },
  { kind: 'audiooutput', deviceId: 'speaker', label: 'Loudspeaker' },
];

const INPUT = { audio: 'audioinput', video: 'videoinput' } as const;

/** A track. */
export class FakeTrack extends Target {
  enabled = true;
  muted = false;
  readyState: 'live' | 'ended' = 'live';
  contentHint = '';

  constructor(
    readonly kind: 'audio' | 'video',
    readonly id: string,
    readonly label: string,
    readonly deviceId = '',
  ) {
    super();
  }

  /** By the page: no event. */
  stop(): void {
    this.readyState = 'ended';
  }

  /** By the machine, or by the other side. */
  end(): void {
    if (this.readyState === 'ended') return;
    this.readyState = 'ended';
    this.tell('ended');
  }

  /** Whether data come. */
  mute(muted: boolean): void {
    if (this.muted === muted || this.readyState === 'ended') return;
    this.muted = muted;
    this.tell(muted ? 'mute' : 'unmute');
  }

  getSettings(): object {
    return { deviceId: this.deviceId };
  }

  getConstraints(): object {
    return {};
  }

  async applyConstraints(): Promise<void> {}
}

/** A stream. */
export class FakeMediaStream extends Target {
  /** Ids of streams that the page makes itself; set by the world. */
  static mint: () => string;
  readonly id: string;
  #tracks: FakeTrack[];

  constructor(of: FakeMediaStream | FakeTrack[] = [], id = FakeMediaStream.mint()) {
    super();
    this.id = id;
    this.#tracks = of instanceof FakeMediaStream ? of.getTracks() : [...of];
  }

  get active(): boolean {
    return this.#tracks.some(({ readyState }) => readyState === 'live');
  }

  getTracks(): FakeTrack[] {
    return [...this.#tracks];
  }

  getAudioTracks(): FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === 'audio');
  }

  getVideoTracks(): FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === 'video');
  }

  getTrackById(id: string): FakeTrack | null {
    return this.#tracks.find((track) => track.id === id) ?? null;
  }

  addTrack(track: FakeTrack): void {
    if (!this.#tracks.includes(track)) this.#tracks.push(track);
  }

  removeTrack(track: FakeTrack): void {
    this.#tracks = this.#tracks.filter((other) => other !== track);
  }

  /** By the other side: with an event. */
  receive(track: FakeTrack, comes: boolean): void {
    if (this.#tracks.includes(track) === comes) return;
    if (comes) this.addTrack(track);
    else this.removeTrack(track);
    this.tell(comes ? 'addtrack' : 'removetrack', { track });
  }
}

/** `navigator.mediaDevices` */
export class FakeMediaDevices extends Target {
  devices: TestDevice[] = [...DEVICES];
  refusal: string | undefined;
  /** Whether names are shown. */
  granted = false;
  /** Tracks of devices that may be pulled out. */
  open = new Set<FakeTrack>();

  constructor(
    readonly clock: Clock,
    readonly random: Random,
    /** Devices that only scripted users have: they cannot be listed, refused or pulled out. */
    readonly isScripted: (deviceId: string) => boolean,
  ) {
    super();
  }

  async enumerateDevices(): Promise<object[]> {
    return this.devices.map((device) => ({ ...device, groupId: 'built-in', label: this.granted ? device.label : '' }));
  }

  async getUserMedia(constraints: { audio?: unknown; video?: unknown } = {}): Promise<FakeMediaStream> {
    const kinds = (['audio', 'video'] as const).filter((kind) => constraints[kind]);
    if (kinds.length === 0) throw new TypeError('At least one of audio and video must be requested');
    // People and browsers take their time, though not much of it.
    await new Promise<void>((resolve) => this.clock.after(GRANT_MS, resolve));
    const tracks = kinds.map((kind) => this.#track(kind, constraints[kind]));
    this.granted = true;
    return new FakeMediaStream(tracks, this.random.uuid());
  }

  getSupportedConstraints(): object {
    return { deviceId: true, width: true, height: true, frameRate: true };
  }

  changed(): void {
    this.tell('devicechange');
  }

  #track(kind: 'audio' | 'video', constraints: unknown): FakeTrack {
    const { exact, wish } = deviceId(constraints);
    if (exact !== undefined && this.isScripted(exact)) return new FakeTrack(kind, this.random.uuid(), exact, exact);
    if (this.refusal) throw new DOMException('The test refuses microphone and camera.', this.refusal);
    const all = this.devices.filter((device) => device.kind === INPUT[kind]);
    if (all.length === 0) throw new DOMException('Requested device not found', 'NotFoundError');
    const device = all.find((device) => device.deviceId === (exact ?? wish));
    if (exact !== undefined && !device) {
      throw Object.assign(new DOMException('', 'OverconstrainedError'), { constraint: 'deviceId' });
    }
    const { deviceId: id, label } = device ?? all[0]!;
    const track = new FakeTrack(kind, this.random.uuid(), label, id);
    this.open = new Set([...this.open, track].filter(({ readyState }) => readyState === 'live'));
    return track;
  }
}

/** Milliseconds until a device is open. */
const GRANT_MS = 20;

/** Which device is asked for: as a condition, or as a wish. */
function deviceId(constraints: unknown): { exact: string | undefined; wish: string | undefined } {
  const id: unknown = Object(constraints).deviceId;
  const first = (value: unknown): string | undefined => (Array.isArray(value) ? value[0] : value) as string | undefined;
  if (typeof id === 'object' && id !== null) return { exact: first((id as { exact?: unknown }).exact), wish: first((id as { ideal?: unknown }).ideal) };
  return { exact: undefined, wish: first(id) };
}

/** The media of one world. */
export function createMedia(clock: Clock, random: Random, isScripted: (deviceId: string) => boolean): Media {
  const mediaDevices = new FakeMediaDevices(clock, random, isScripted);
  FakeMediaStream.mint = random.uuid;
  const control: TestMedia = {
    refuse: (name = 'NotAllowedError') => {
      mediaDevices.refusal = name;
    },
    allow: () => {
      mediaDevices.refusal = undefined;
    },
    get devices() {
      return mediaDevices.devices;
    },
    plug: (device) => {
      mediaDevices.devices = [...mediaDevices.devices, { ...device }];
      mediaDevices.changed();
    },
    unplug: (deviceId) => {
      mediaDevices.devices = mediaDevices.devices.filter((device) => device.deviceId !== deviceId);
      for (const track of mediaDevices.open) {
        if (track.deviceId !== deviceId) continue;
        mediaDevices.open.delete(track);
        track.end();
      }
      mediaDevices.changed();
    },
  };
  return { control, mediaDevices, MediaStream: FakeMediaStream, MediaStreamTrack: FakeTrack };
}
