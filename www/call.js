// The call: whoever rings, and the stage with the call that is on. What is shown is read from the client.

import { $, write } from './dom.js'
import { callFailure, duration, nameOfPeer, outcomeOf, progress } from './words.js'

/** The call part of the page. Returns `call(address, video)`, `calls()`, `render()`, `forget()`, `focusables()`. */
export function callPane(app) {
  const { client, complain, announce } = app
  const { states } = client.call
  let answering = null      // the call that Answer was pressed for, until it is connected
  let hungUp = null         // the call that was ended here; it is over when the server knows
  let announced = null      // the incoming call that was announced
  let returnTo = null       // what had the focus before a call took it
  let outcome = ''          // how the last call ended

  client.on('call:start', ({ callId }) => { show(client.call.getById(callId).localTracks, '#local'); app.render() })
  client.on('call:receive', () => { outcome = ''; app.view('call'); app.render() })
  client.on('call:newTrack', ({ local, trackId }) => { show([trackId], local ? '#local' : '#remote'); app.render() })
  client.on('call:trackEnded', app.render)
  client.on('call:stateChange', ({ callId, error, transition, previous }) => {
    const call = client.call.getById(callId)
    const ended = call.state === states.ENDED
    if (callId === answering && (error || call.state !== states.RINGING)) answering = null
    if (call.state === states.CONNECTED) show(call.remoteTracks, '#remote')
    if (error && !(ended && callId === hungUp)) complain(callFailure(error, nameOfPeer(call)))
    if (error && !ended && callId === hungUp) hungUp = null
    if (ended) outcome = outcomeOf(call, { error, transition, previous, here: callId === hungUp })
    if (ended && !app.isSignedIn()) complain(`${outcome} Sign in again.`)
    if (ended || call.state === states.CONNECTED) announce(ended ? outcome : `Connected with ${nameOfPeer(call)}.`)
    app.render()
  })
  for (const type of ['media:muted', 'media:unmuted']) client.on(type, app.render)

  const press = (id, action) => $(id).addEventListener('click', () => { action(); app.render() })
  press('answer', () => answer(false))
  press('answer-video', () => answer(true))
  press('reject', () => { hungUp = calls().incoming.id; client.call.reject(hungUp) })
  press('ignore', () => { hungUp = calls().incoming.id; client.call.ignore(hungUp) })
  press('hang-up', () => hangUp(calls().current))
  press('mute', () => toggle('audio'))
  press('camera', () => toggle('video'))
  press('outcome-close', () => { outcome = '' })
  setInterval(() => renderDuration(calls().current), 1000)

  return { call, calls, render, forget: () => { outcome = '' }, focusables: () => [returnTo, $('stage-title')] }

  function call(destination, video) {
    if (destination === app.me()) return complain('This is your own address. Sign in as somebody else in a second tab.')
    complain('')
    outcome = ''
    returnTo = document.activeElement
    client.call.make(destination, { audio: true, video })
    announce(`Calling ${app.book.name(destination)}.`)
    app.view('call')
    app.renderNow()
    return $('hang-up').focus()
  }

  function answer(video) {
    const { incoming, current } = calls()
    complain('')
    if (current) hangUp(current)
    answering = incoming.id
    client.call.answer(incoming.id, { audio: true, video })
    app.renderNow()
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

  /** Renders tracks once. One's own sound stays silent, or one would hear an echo. */
  function show(trackIds, where) {
    const fresh = trackIds.filter((id) => {
      const track = client.media.getTrackById(id)
      return track && !track.containers.includes(where) && (where === '#remote' || track.kind === 'video')
    })
    client.media.renderTracks(fresh, where)
  }

  /** The call that is on, and the one that rings. */
  function calls() {
    const alive = client.call.getAll().filter(({ state }) => state !== states.ENDED)
    const rings = (it) => it.direction === 'incoming' && it.state === states.RINGING && it.id !== answering && it.id !== hungUp
    const others = alive.filter((it) => !rings(it))
    return { current: others.find(({ id }) => id !== hungUp) ?? others[0], incoming: alive.find(rings) }
  }

  function tracks(of, list, kind) {
    return of[list].map(client.media.getTrackById).filter((track) => track?.kind === kind)
  }

  function render() {
    const { current, incoming } = calls()
    renderIncoming(incoming, Boolean(current))
    renderCurrent(current)
    const busy = Boolean(current || incoming)
    $('phone').dataset.call = busy ? 'on' : 'none'
    $('outcome').hidden = busy || !outcome
    write($('outcome-text'), outcome)
  }

  function renderIncoming(call, busy) {
    $('incoming').hidden = !call
    if (!call) return void (announced = null)
    const [name, video] = [nameOfPeer(call), tracks(call, 'remoteTracks', 'video').length > 0]
    write($('incoming-name'), name)
    write($('incoming-avatar'), name.charAt(0))
    write($('incoming-text'), `${video ? 'Incoming video call' : 'Incoming call'}${busy ? '. Answering ends the present call.' : ''}`)
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
    write($('stage-title'), call ? nameOfPeer(call) : outcome || 'Nobody on the line')
    write($('stage-text'), call ? progress(call, { answering, hungUp }) : 'Choose somebody to talk or write to, or open a second tab and sign in there as somebody else.')
    write($('pair-peer'), call ? nameOfPeer(call).charAt(0) : '')
    $('second-tab').hidden = Boolean(call)
    $('controls').hidden = !call || call.id === hungUp
    renderDuration(call)
    const own = (kind) => (call ? tracks(call, 'localTracks', kind) : [])
    for (const [button, kind] of [['mute', 'audio'], ['camera', 'video']]) {
      $(button).hidden = !own(kind).length
      $(button).setAttribute('aria-pressed', own(kind).some(({ muted }) => muted))
    }
    $('self').hidden = !own('video').length
    write($('self-text'), own('video').some(({ muted }) => muted) ? 'Camera is off' : 'You')
  }

  function renderDuration(call) {
    const on = call?.state === states.CONNECTED && call.id !== hungUp
    $('duration').hidden = !on
    if (on) write($('duration'), duration(Date.now() - call.startTime))
  }
}
