// The demo: sign in, call, see each other. All it knows of the SDK is its public API; what it shows is read from that API
// after every event, so that the page cannot disagree with it.

import { create } from '/kandy-wasm/index.js'

import { eventLog } from './log.js'
import { accountTiles, colleagues, present } from './people.js'
import { accounts, authFailure, callFailure, duration, endOfSession, eventInWords, nameOf, nameOfPeer, outcomeOf, progress, titleOf } from './words.js'

const $ = (id) => document.getElementById(id)

const secure = location.protocol === 'https:'
const here = { server: location.hostname, port: location.port || (secure ? 443 : 80) }
const client = create({
  logs: { logLevel: 'warn' },
  authentication: {
    subscription: { ...here, protocol: secure ? 'https' : 'http' },
    websocket: { ...here, protocol: secure ? 'wss' : 'ws' },
  },
  call: { sdpSemantics: 'unified-plan' },
})
const { states } = client.call

let me = sessionStorage.getItem('account') ?? (decodeURIComponent(location.hash.slice(1)) || accounts[0])
let signedIn = false      // from the first connected moment to the end of the session
let leaving = false       // Sign out was pressed
let answering = null      // the call that Answer was pressed for, until it is connected
let hungUp = null         // the call that was ended here; it is over when the server knows
let announced = null      // the incoming call that was announced
let returnTo = null       // what had the focus before a call took it
let outcome = ''          // how the last call ended

// What happens

const log = eventLog()
client.subscribe((type, [payload]) => log(type, eventInWords(type, payload, client), payload, Boolean(payload.error)))

client.on('auth:change', ({ reason }) => {
  const { isConnected, isPending } = client.getConnection()
  if (isConnected && !signedIn) enter()
  if (reason) complain(endOfSession(reason, calls().current))
  else if (isConnected && !isPending) complain('')
  signedIn = isConnected || (signedIn && isPending)
  leaving = leaving && isPending
  render()
})
client.on('auth:error', ({ error }) => { complain(authFailure(error)); render() })
client.on('ws:change', render)

client.on('call:start', ({ callId }) => { show(client.call.getById(callId).localTracks, '#local'); render() })
client.on('call:receive', render)
client.on('call:newTrack', ({ local, trackId }) => { show([trackId], local ? '#local' : '#remote'); render() })
client.on('call:trackEnded', render)
client.on('call:stateChange', ({ callId, error, transition, previous }) => {
  const call = client.call.getById(callId)
  const ended = call.state === states.ENDED
  if (callId === answering && (error || call.state !== states.RINGING)) answering = null
  if (call.state === states.CONNECTED) show(call.remoteTracks, '#remote')
  if (error && !(ended && callId === hungUp)) complain(callFailure(error, nameOfPeer(call)))
  if (error && !ended && callId === hungUp) hungUp = null
  if (ended) outcome = outcomeOf(call, { error, transition, previous, here: callId === hungUp })
  if (ended && !signedIn) complain(`${outcome} Sign in again.`)
  if (ended || call.state === states.CONNECTED) announce(ended ? outcome : `Connected with ${nameOfPeer(call)}.`)
  render()
})
for (const type of ['media:muted', 'media:unmuted']) client.on(type, render)

function enter() {
  outcome = ''
  choose(me)
  if (matchMedia('(min-width: 90rem)').matches) openLog(true)
}

/** Renders tracks once. One's own sound stays silent, or one would hear an echo. */
function show(tracks, where) {
  const fresh = tracks.filter((id) => {
    const track = client.media.getTrackById(id)
    return track && !track.containers.includes(where) && (where === '#remote' || track.kind === 'video')
  })
  client.media.renderTracks(fresh, where)
}

// What the user does

$('sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  if (client.getConnection().isPending) return
  complain('')
  me = $('address').value.trim()
  client.connect({ username: me, password: $('password').value })
  render()
})
$('sign-out').addEventListener('click', () => { leaving = true; client.disconnect(); render() })

$('dial').addEventListener('submit', (event) => {
  event.preventDefault()
  const destination = $('destination').value.trim()
  if (destination === me) complain('This is your own address. Sign in as somebody else in a second tab.')
  else if (destination) call(destination, event.submitter?.value === 'video')
  else complain('Write the address of the person you want to call.')
})

function call(destination, video) {
  complain('')
  returnTo = document.activeElement
  client.call.make(destination, { audio: true, video })
  announce(`Calling ${nameOf(destination)}.`)
  render()
  $('hang-up').focus()
}

function answer(video) {
  const { incoming, current } = calls()
  complain('')
  if (current) hangUp(current)
  answering = incoming.id
  client.call.answer(incoming.id, { audio: true, video })
  render()
  $('hang-up').focus()
}

function hangUp({ id }) {
  hungUp = id
  client.call.end(id)
}

function toggle(kind) {
  const ids = tracks(calls().current, 'localTracks', kind).map(({ id }) => id)
  if (client.media.getTrackById(ids[0])?.muted) client.media.unmuteTracks(ids)
  else client.media.muteTracks(ids)
}

const press = (id, action) => $(id).addEventListener('click', () => { action(); render() })
press('answer', () => answer(false))
press('answer-video', () => answer(true))
press('reject', () => { hungUp = calls().incoming.id; client.call.reject(hungUp) })
press('ignore', () => { hungUp = calls().incoming.id; client.call.ignore(hungUp) })
press('hang-up', () => hangUp(calls().current))
press('mute', () => toggle('audio'))
press('camera', () => toggle('video'))
press('notice-close', () => complain(''))
press('log-toggle', () => { openLog($('log').hidden); $('log').scrollIntoView({ block: 'nearest' }) })

// What is seen

/** The call that is on, and the one that rings. */
function calls() {
  const alive = client.call.getAll().filter(({ state }) => state !== states.ENDED)
  const rings = (it) => it.direction === 'incoming' && it.state === states.RINGING && it.id !== answering && it.id !== hungUp
  const others = alive.filter((it) => !rings(it))
  return { current: others.find(({ id }) => id !== hungUp) ?? others[0], incoming: alive.find(rings) }
}

const tracks = (call, list, kind) => call[list].map(client.media.getTrackById).filter((track) => track?.kind === kind)

function render() {
  const { isConnected, isPending } = client.getConnection()
  const { current, incoming } = calls()
  const inside = signedIn || Boolean(current)

  $('boot').hidden = true
  $('welcome').hidden = inside
  $('phone').hidden = $('me').hidden = $('connection').hidden = !inside
  renderSignIn(isPending && !inside)
  renderConnection(isConnected, isPending)
  present(me)
  renderIncoming(incoming, Boolean(current))
  renderCurrent(current)
  for (const button of document.querySelectorAll('[data-calls]')) button.disabled = Boolean(current) || !isConnected
  document.title = titleOf(current, incoming, signedIn && me)

  // Whoever works by keyboard does not fall off the page when the focused button goes away.
  if (!isThere(document.activeElement)) [returnTo, $('stage-title'), $('welcome-title')].find(isThere)?.focus()
}

const isThere = (element) => Boolean(element) && !element.disabled && element.getClientRects().length > 0

function renderSignIn(busy) {
  // Not `disabled`, which would take the focus away.
  $('sign-in-button').setAttribute('aria-disabled', busy)
  $('sign-in-button').textContent = busy ? 'Signing in…' : 'Sign in'
}

function renderConnection(isConnected, isPending) {
  const state = isConnected && !leaving ? 'connected' : isPending ? 'pending' : 'lost'
  const words = { connected: 'Connected', pending: leaving ? 'Signing out…' : 'Reconnecting…', lost: 'Connection lost' }
  if ($('connection').textContent !== words[state]) $('connection').textContent = words[state]
  $('connection').dataset.state = state
}

function renderIncoming(call, busy) {
  $('incoming').hidden = !call
  if (!call) return void (announced = null)
  const [name, video] = [nameOfPeer(call), tracks(call, 'remoteTracks', 'video').length > 0]
  $('incoming-name').textContent = name
  $('incoming-avatar').textContent = name.charAt(0)
  $('incoming-text').textContent = `${video ? 'Incoming video call' : 'Incoming call'}${busy ? '. Answering ends the present call.' : ''}`
  if (announced === call.id) return
  announced = call.id
  returnTo = document.activeElement
  announce(`Incoming ${video ? 'video ' : ''}call from ${name}.`)
  $('incoming').focus()
}

function renderCurrent(call) {
  const video = call && tracks(call, 'remoteTracks', 'video').length > 0 && call.state === states.CONNECTED
  const connected = call && (call.state === states.CONNECTED || call.state === states.ON_HOLD)
  $('stage').dataset.mode = video ? 'video' : connected ? 'audio' : call ? 'calling' : 'idle'
  $('stage-title').textContent = call ? nameOfPeer(call) : outcome || 'Nobody on the line'
  $('stage-text').textContent = call ? progress(call, { answering, hungUp }) : 'Call a colleague from the list, or open a second tab and sign in there as somebody else.'
  $('pair-peer').textContent = call ? nameOfPeer(call).charAt(0) : ''
  $('second-tab').hidden = Boolean(call)
  $('controls').hidden = !call || call.id === hungUp
  renderDuration(call)
  const own = (kind) => (call ? tracks(call, 'localTracks', kind) : [])
  for (const [button, kind] of [['mute', 'audio'], ['camera', 'video']]) {
    $(button).hidden = !own(kind).length
    $(button).setAttribute('aria-pressed', own(kind).some(({ muted }) => muted))
  }
  $('self').hidden = !own('video').length
  $('self-text').textContent = own('video').some(({ muted }) => muted) ? 'Camera is off' : 'You'
}

function renderDuration(call) {
  const on = call?.state === states.CONNECTED && call.id !== hungUp
  $('duration').hidden = !on
  if (on) $('duration').textContent = duration(Date.now() - call.startTime)
}

/** Shows what went wrong where the user looks now; an empty text takes it away. */
function complain(text) {
  $('sign-in-error').textContent = $('notice-text').textContent = text
  $('sign-in-error').hidden = $('notice').hidden = !text
}

function announce(text) {
  $('announcer').textContent = text
}

function openLog(open) {
  $('log').hidden = !open
  $('log-toggle').setAttribute('aria-expanded', open)
}

const choose = accountTiles(me)
colleagues(call)
setInterval(() => renderDuration(calls().current), 1000)
render()
