// Session descriptions as the fake peer connection writes and reads them: short, but with everything in them that a browser
// insists on.

/** What a line is used for, seen from whoever describes it. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** One description. */
export interface Sdp {
  /** Second field of the `o=` line. */
  session: string;
  /** Third field of the `o=` line. */
  version: number;
  sections: Section[];
}

/** One m-section. */
export interface Section {
  kind: 'audio' | 'video';
  /** Its port is 0. */
  rejected: boolean;
  mid: string;
  direction: Direction;
  /** Ids of stream and track. */
  msid: [stream: string, track: string] | undefined;
  ufrag: string;
  /** `actpass`, `active` or `passive` */
  setup: string;
}

/** Whether that side sends. */
export function sends(direction: Direction | 'stopped' | null): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

/** Whether that side receives. */
export function receives(direction: Direction | 'stopped' | null): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

/** What is left of a wish when the other side offered this. */
export function narrowed(wanted: Direction, offered: Direction): Direction {
  const out = sends(wanted) && receives(offered);
  const back = receives(wanted) && sends(offered);
  if (out && back) return 'sendrecv';
  if (out) return 'sendonly';
  return back ? 'recvonly' : 'inactive';
}

/** The text, with CR LF. */
export function write({ session, version, sections }: Sdp): string {
  const mids = sections.filter(({ rejected }) => !rejected).map(({ mid }) => mid);
  const head = ['v=0', `o=- ${session} ${version} IN IP4 127.0.0.1`, 's=-', 't=0 0', `a=group:BUNDLE ${mids.join(' ')}`, 'a=msid-semantic: WMS'];
  return [...head, ...sections.flatMap(writeSection), ''].join('\r\n');
}

const CODECS = {
  audio: { payloads: '111 0 126', maps: ['rtpmap:111 opus/48000/2', 'fmtp:111 minptime=10;useinbandfec=1', 'rtpmap:0 PCMU/8000', 'rtpmap:126 telephone-event/8000'] },
  video: {
    payloads: '96 102 103',
    maps: ['rtpmap:96 VP8/90000', 'rtcp-fb:96 nack pli', 'rtpmap:102 H264/90000', 'fmtp:102 packetization-mode=1', 'rtpmap:103 rtx/90000', 'fmtp:103 apt=102'],
  },
} as const;

function writeSection({ kind, rejected, mid, direction, msid, ufrag, setup }: Section): string[] {
  const { payloads, maps } = CODECS[kind];
  const transport = [
    `ice-ufrag:${ufrag}`,
    `ice-pwd:${ufrag.repeat(6)}`,
    'ice-options:trickle',
    `fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`,
    `setup:${setup}`,
  ];
  const attributes = [
    ...(rejected ? [] : transport),
    `mid:${mid}`,
    direction,
    ...(msid ? [`msid:${msid.join(' ')}`] : []),
    'rtcp-mux',
    ...maps,
  ];
  return [`m=${kind} ${rejected ? 0 : 9} UDP/TLS/RTP/SAVPF ${payloads}`, 'c=IN IP4 0.0.0.0', ...attributes.map((attribute) => `a=${attribute}`)];
}

/** The candidate of every section, as its attribute. */
export const CANDIDATE = 'candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host generation 0';

/** A description with the candidates that were gathered for it. */
export function withCandidates(text: string): string {
  const lines = text.split('\r\n');
  let on = false;
  return lines
    .filter((line) => line !== `a=${CANDIDATE}` && line !== 'a=end-of-candidates')
    .flatMap((line) => {
      if (line.startsWith('m=')) on = line.split(' ')[1] !== '0';
      return on && line.startsWith('a=mid:') ? [`a=${CANDIDATE}`, 'a=end-of-candidates', line] : [line];
    })
    .join('\r\n');
}

/** An error by the name that browsers give it. */
export function fault(name: 'InvalidStateError' | 'InvalidAccessError' | 'OperationError' | 'NotSupportedError', message: string): DOMException {
  return new DOMException(message, name);
}

/**
 * Reads a description, possibly edited on the way.
 *
 * @throws OperationError if the text is none, InvalidAccessError if it lacks something that a browser needs
 */
export function read(text: string): Sdp {
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, at) => (line.startsWith('m=') ? [at] : []));
  const head = lines.slice(0, starts[0] ?? lines.length);
  if (head[0] !== 'v=0') throw fault('OperationError', 'Expect line: v=');
  for (const needed of ['s=', 't=']) {
    if (!head.some((line) => line.startsWith(needed))) throw fault('OperationError', `Expect line: ${needed}`);
  }
  const origin = /^o=\S+ (\d+) (\d+) IN IP[46] \S+$/.exec(head.find((line) => line.startsWith('o=')) ?? '');
  if (!origin) throw fault('OperationError', 'Expect line: o=');
  const sections = starts.map((start, index) => readSection(lines.slice(start, starts[index + 1])));
  if (new Set(sections.map(({ mid }) => mid)).size !== sections.length) throw fault('InvalidAccessError', 'Duplicate a=mid');
  return { session: origin[1]!, version: Number(origin[2]), sections };
}

function readSection(lines: string[]): Section {
  if (lines.some((line) => line !== '' && !/^[a-z]=/.test(line))) throw fault('OperationError', 'Expect line: <letter>=');
  const [kind, port, , ...payloads] = lines[0]!.slice(2).split(' ');
  if (kind !== 'audio' && kind !== 'video') throw fault('InvalidAccessError', 'Unsupported kind of m-line');
  if (!/^\d+$/.test(port ?? '')) throw fault('OperationError', 'Port is invalid');
  const attribute = (name: string): string | undefined => lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);
  for (const line of lines) {
    const map = /^a=rtpmap:(\d+) /.exec(line)?.[1];
    if (map !== undefined && !payloads.includes(map)) throw fault('OperationError', 'rtpmap of a payload that the m-line does not have');
  }
  // A section without a port of its own may stand on that of another one (RFC 9143 6).
  const rejected = port === '0' && !lines.includes('a=bundle-only');
  const needed = (name: string): string => {
    const found = attribute(name);
    if (found === undefined && !rejected) throw fault('InvalidAccessError', `a=${name} is missing`);
    return found ?? '';
  };
  needed('ice-pwd');
  needed('fingerprint');
  const msid = attribute('msid')?.split(' ');
  return {
    kind,
    rejected,
    mid: needed('mid'),
    // Without an attribute it is `sendrecv` (RFC 8866 6.7).
    direction: DIRECTIONS.find((direction) => lines.includes(`a=${direction}`)) ?? 'sendrecv',
    msid: msid?.[1] && msid[0] !== '-' ? [msid[0]!, msid[1]] : undefined,
    ufrag: needed('ice-ufrag'),
    setup: needed('setup'),
  };
}

/** The credentials of a description. */
export function ufragOf(sdp: Sdp | undefined): string | undefined {
  return sdp?.sections.find(({ rejected }) => !rejected)?.ufrag;
}

/** The same section, refused. */
export function rejected(section: Section): Section {
  return { ...section, rejected: true, msid: undefined, direction: 'inactive' };
}

/** @throws InvalidAccessError if an answer does not have the lines of the offer */
export function mustMatch(offer: Sdp, answer: Sdp): void {
  const same = offer.sections.every(({ mid, kind }, at) => answer.sections[at]?.mid === mid && answer.sections[at]?.kind === kind);
  if (!same || offer.sections.length !== answer.sections.length) {
    throw fault('InvalidAccessError', 'The m-lines of the answer do not match those of the offer');
  }
}

/** Our DTLS role by an answer, which is our own or the other side's; nothing if all of it is refused. */
export function roleOf(answer: Sdp, own: boolean): 'active' | 'passive' | undefined {
  const section = answer.sections.find(({ rejected }) => !rejected);
  if (!section) return undefined;
  if (section.setup !== 'active' && section.setup !== 'passive') throw fault('InvalidAccessError', 'An answer must have a=setup active or passive');
  return (section.setup === 'active') === own ? 'active' : 'passive';
}
