// What the page says: names, errors and events in sentences. No state, no DOM. What it says of people and messages is in words-people.js.

import { countInWords, peopleEventInWords } from './words-people.js'

export * from './words-people.js'

/** The accounts of `kandy-gateway --dev`; the password of each is `demo`. */
export const accounts = ['alice@example.com', 'bob@example.com', 'carol@example.com', 'dave@example.com']

/** 'Alice' for 'alice@example.com' and for 'sip:alice@example.com'. */
export function nameOf(address) {
  const user = address.replace(/^sips?:/, '').split('@')[0]
  return user ? user.charAt(0).toUpperCase() + user.slice(1) : 'Somebody'
}

/** The other side of a call, by the name that the server reported or else by its address. */
export const nameOfPeer = ({ remoteParticipant: who }) => who.displayName || nameOf(who.displayNumber)

/** '3:07', '1:02:09' */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const two = (n) => String(n).padStart(2, '0')
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** How browsers, and the SDK for them, say that a request got no answer. */
const UNREACHABLE = /TypeError|TimeoutError|Failed to fetch|NetworkError|Load failed|no answer/

/** Why signing in or out failed. */
export function authFailure({ code, message }) {
  const known = {
    'authentication:1': 'Write an address and a password.',
    'authentication:2': 'The password is right, but the WebSocket to the server could not be opened. A proxy or firewall may block it.',
    'authentication:3': 'You are signed out here, but the server did not confirm it.',
    'authentication:4': 'The server did not accept this session.',
    'authentication:9': 'Wrong address or password.',
    'authentication:11': 'You are signed out here, but the server did not confirm it.',
  }
  if (UNREACHABLE.test(message)) return 'The server cannot be reached. Is it running?'
  return known[code] ?? message
}

/** Why a call could not be made or answered, or what went wrong with it. */
export function callFailure({ code, message }, name) {
  if (code === 'call:4') return mediaFailure(message)
  if (code === 'call:6') return 'The call is no longer in a state for this.'
  if (code === 'call:2' || code === 'call:9' || code === 'call:10') return `The call with ${name} could not be set up: the two browsers did not agree on how. ${message}`
  if (UNREACHABLE.test(message)) return `The call with ${name} failed: the server cannot be reached.`
  return `The call with ${name} failed. ${message}`
}

function mediaFailure(message) {
  if (/NotAllowed|Permission/i.test(message)) return 'The browser may not use your microphone or camera. Allow it in the address bar, then try again.'
  if (/NotFound/i.test(message)) return 'No microphone or camera was found. Connect one, or try without video.'
  if (/NotReadable|Abort/i.test(message)) return 'Your microphone or camera is in use by another program. Close that program, then try again.'
  if (/NotSupported/i.test(message)) return 'Browsers give out microphone and camera over https and on localhost only. Open this page there.'
  return `Microphone or camera cannot be used. ${message}`
}

/** Why a session ended that nobody signed out of. A call outlives it: its media take another way. */
export function endOfSession(reason, call) {
  const what = reason === 'GONE' ? 'The server ended this session.' : 'The connection to the server was lost and could not be restored.'
  return `${what} ${call ? 'Your call goes on until you hang up.' : 'Sign in again.'}`
}

/** What a call that is not over is doing. */
export function progress({ id, state }, { answering, hungUp }) {
  if (id === hungUp) return 'Hanging up…'
  if (id === answering) return 'Connecting…'
  return { Initiating: 'Calling…', Initiated: 'Calling…', Ringing: 'Ringing…', 'On Hold': 'On hold' }[state] ?? ''
}

/** The title of the page: what a glance at the tab has to tell. */
export function titleOf(current, incoming, me, unread) {
  if (incoming) return `${nameOfPeer(incoming)} is calling`
  if (current) return `${current.state === 'Connected' ? 'In a call with' : 'Calling'} ${nameOfPeer(current)}`
  return `${unread && me ? `(${countInWords(unread)}) ` : ''}${me ? nameOf(me) : 'Sign in'} – kandy-wasm demo`
}

/** How a call ended. `here` says that this page ended it; the rest is the payload of the event. */
export function outcomeOf(call, { error, transition, previous, here }) {
  const [name, wasConnected] = [nameOfPeer(call), ['Connected', 'On Hold'].includes(previous.state)]
  const length = wasConnected ? ` The call took ${duration(call.endTime - call.startTime)}.` : ''
  if (here) return `You ended the call with ${name}.${length}${error && wasConnected ? ` The server could not be told, so ${name} may still be on the line.` : ''}`
  if (error) return wasConnected ? `The call with ${name} was interrupted.${length}` : 'The call could not be made.'
  if (wasConnected) return `${name} hung up.${length}`
  if (transition?.statusCode === 9904) return 'The call was answered on another device.'
  if (call.direction === 'incoming') return `You missed a call from ${name}.`
  return statusWords(Number(transition?.statusCode), call) ?? `${name} ended the call. ${transition?.reasonText ?? ''}`.trim()
}

function statusWords(code, call) {
  const name = nameOfPeer(call)
  return {
    404: `There is nobody at ${call.remoteParticipant.displayNumber.replace(/^sips?:/, '')}.`,
    480: `${name} is not signed in.`,
    486: `${name} is in another call.`,
    487: `${name} did not answer.`,
    603: `${name} declined the call.`,
  }[code]
}

/** One event of the SDK for the log. `client` is read, for names and states. */
export function eventInWords(type, payload, client) {
  const call = payload.callId && client.call.getById(payload.callId)
  const name = call ? nameOfPeer(call) : 'somebody'
  const kind = payload.trackId ? client.media.getTrackById(payload.trackId)?.kind ?? 'media' : ''
  const whose = payload.local ? 'your' : `${name}’s`
  if (payload.error && type.startsWith('auth:')) return authFailure(payload.error)
  if (payload.error && !call) return payload.error.message
  if (payload.error) return ['Connected', 'On Hold'].includes(payload.previous.state) && call.state === 'Ended' ? `The call with ${name} ended. ${payload.error.message}` : callFailure(payload.error, name)
  switch (type) {
    case 'auth:change': return signedInWords(payload, client.getConnection())
    case 'auth:resub': return 'The session was extended.'
    case 'ws:change': return socketInWords(client.connection.getSocketState(payload.platform).connected, client.getConnection())
    case 'notification:received': return `The server sent a notification: ${payload.payload?.notificationMessage?.eventType ?? 'message'}.`
    case 'devices:change': return 'The list of microphones and cameras is known.'
    case 'call:start': return `The server accepted the call to ${name}.`
    case 'call:receive': return `${name} is calling.`
    case 'call:stateChange': return `The call with ${name}: ${payload.previous.state} → ${call.state}.`
    case 'call:newTrack': return `The call has ${whose} ${kind} track.`
    case 'call:trackEnded': return `A track on ${payload.local ? 'your' : `${name}’s`} side ended.`
    case 'media:muted': return 'Muted.'
    case 'media:unmuted': return 'No longer muted.'
    default: return peopleEventInWords(type, payload, nameOf) ?? type
  }
}

function signedInWords({ reason }, { isConnected, isPending }) {
  if (reason) return endOfSession(reason)
  if (isPending) return isConnected ? 'Signing out.' : 'Signing in.'
  return isConnected ? 'Signed in.' : 'Signed out.'
}

function socketInWords(open, { isConnected, isPending }) {
  if (open) return 'The connection to the server is open.'
  return isPending && !isConnected ? 'The connection to the server is being opened.' : 'The connection to the server is closed.'
}
