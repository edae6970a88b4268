// Which browser this is, as `getBrowserDetails` tells it.

/** `getBrowserDetails()` */
export interface BrowserDetails {
  /** `chrome`, `edge`, `firefox`, `opera`, `safari`, or `unknown` */
  browser: string;
  /** Major version; 0 if unknown. */
  version: number;
}

/** Reads the user agent; `unknown` outside of browsers, as during server-side rendering. */
export function browserDetails(agent = globalThis.navigator?.userAgent ?? ''): BrowserDetails {
  for (const [browser, pattern] of PATTERNS) {
    const version = pattern.exec(agent)?.[1];
    if (version !== undefined) return { browser, version: Number(version) };
  }
  return { browser: 'unknown', version: 0 };
}

// In this order: Edge and Opera also call themselves Chrome, and Chrome also calls itself Safari.
const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ['edge', /\bEdg(?:e|A|iOS)?\/(\d+)/],
  ['opera', /\bOPR\/(\d+)/],
  ['firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['chrome', /\b(?:Headless)?(?:Chrome|CriOS|Chromium)\/(\d+)/],
  ['safari', /\bVersion\/(\d+).*Safari\//],
];
