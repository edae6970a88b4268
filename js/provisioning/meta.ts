// What the headers of an answer tell (provisioning §6.2).

/** What every result has beside its data. */
export interface Meta {
  /** The version of the API that served the call, such as `v1`; missing if the server does not tell. */
  readonly apiVersion?: string;
  /** When this version goes out of service: an HTTP date, or other words. Missing as long as no end is planned. */
  readonly sunset?: string;
  /** How many calls the client may make. Missing if the server does not tell all of it. */
  readonly quota?: Quota;
  /** The `x-request-id` of the request; whoever runs the server finds it by this. */
  readonly requestId?: string;
}

/** The calls that one client may make in a window of time. */
export interface Quota {
  /** Calls allowed in the window. */
  readonly limit: number;
  /** Calls counted in it, this one included. */
  readonly used: number;
  /** Length of the window, in `timeUnit`. */
  readonly interval: number;
  /** The unit of `interval`. */
  readonly timeUnit: 'minute' | 'hour' | 'day' | 'week' | 'month' | (string & {});
  /** When the next window begins. */
  readonly reset: Date;
}

/** @param requestId what was sent, where the server does not repeat it */
export function metaOf(headers: Headers, requestId: string): Meta {
  const [apiVersion, sunset, quota] = [headers.get('api-version'), headers.get('sunset'), quotaOf(headers)];
  return {
    ...(apiVersion && { apiVersion }),
    ...(sunset && sunset.toLowerCase() !== 'n/a' && { sunset }),
    ...(quota && { quota }),
    requestId: headers.get('x-request-id') || requestId,
  };
}

/** The quota; undefined unless all five headers can be read. */
export function quotaOf(headers: Headers): Quota | undefined {
  const [limit, used, interval] = ['quota-limit', 'quota-used', 'quota-interval'].map((name) => integer(headers.get(name)));
  const [timeUnit, reset] = [headers.get('quota-time-unit'), instant(headers.get('quota-reset-utc'))];
  if (limit === undefined || used === undefined || interval === undefined || !timeUnit || !reset) return undefined;
  return { limit, used, interval, timeUnit, reset };
}

/** `retry-after` in seconds, which may also be a date (RFC 9110 §10.2.3); never less than 0. */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  const seconds = integer(value) ?? (Date.parse(value ?? '') - now) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds));
}

/** RFC 3339, or Unix seconds, or milliseconds; all of them are in use (provisioning §6.2). */
function instant(value: string | null): Date | undefined {
  const unix = integer(value);
  if (unix !== undefined) return valid(new Date(unix < MILLISECONDS_FROM ? unix * 1000 : unix));
  // A time without a zone is UTC, as the name of the header says, and not local time.
  return valid(new Date(value && !ZONE.test(value) ? `${value.replace(' ', 'T')}Z` : (value ?? '')));
}

/** The date, if it is one. */
export function valid(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function integer(value: string | null): number | undefined {
  return value !== null && /^\d{1,15}$/.test(value.trim()) ? Number(value) : undefined;
}

const ZONE = /(?:z|[+-]\d\d:?\d\d|gmt|utc)$/i;

/** As seconds this would be the year 5138, as milliseconds it was 1973. */
const MILLISECONDS_FROM = 1e11;
