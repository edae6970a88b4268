// The four forms in which servers of this API say what is wrong (provisioning §6.3, §2.4).

import { isRecord, type Json } from './json.js';

/** What an error body says, whichever form it has. */
export interface Envelope {
  /** A word for programs. */
  code?: string;
  message?: string;
  info?: string;
  transactionId?: string;
  /** Raised before the product was reached: the token is not accepted, or the quota is used up. */
  fault?: 'token' | 'quota';
}

/** Reads an error body; what it does not say is missing, and all is if it is none. */
export function envelopeOf(body: unknown): Envelope {
  if (!isRecord(body)) return {};
  if (isRecord(body['fault'])) return ofTheGateway(body['fault']);
  if (isRecord(body['error'])) return ofTheStore(body['error']);
  if ('ErrorCode' in body || 'Error' in body) return said({ code: body['ErrorCode'], message: body['Error'] });
  return ofTheStore(body);
}

/** Whether a body is a fault of the gateway, which counts whatever the status is. */
export function isFault(body: unknown): boolean {
  return isRecord(body) && isRecord(body['fault']);
}

function ofTheStore({ name, message, info, transactionId }: Json): Envelope {
  return said({ code: name, message, info, transactionId });
}

function ofTheGateway({ faultstring, detail }: Json): Envelope {
  const code = isRecord(detail) ? detail['errorcode'] : undefined;
  const envelope = said({ code, message: faultstring });
  if (TOKEN.test(envelope.code ?? '')) return { ...envelope, fault: 'token' };
  return QUOTA.test(envelope.code ?? '') ? { ...envelope, fault: 'quota' } : envelope;
}

function said(members: Json): Envelope {
  const texts = Object.entries(members).filter(([, text]) => typeof text === 'string' && text !== '');
  return Object.fromEntries(texts.map(([name, text]) => [name, String(text).slice(0, LONGEST)]));
}

// oauth.v2.InvalidAccessToken, oauth.v2.AccessTokenExpired, keymanagement.service.invalid_access_token
const TOKEN = /^(?:oauth\.v2|keymanagement\.service)\..*access_?token/i;
const QUOTA = /quota/i;

/** Of what a server says, in characters; an error is no place for a page. */
const LONGEST = 1000;
