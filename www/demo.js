// The demo: sign in, see who is there, write, call. All it knows of the SDK is its public API; what it shows is read from that API
// after every event, once per frame, so that the page cannot disagree with it.

import { create } from '/kandy-wasm/index.js'

import { addressBook } from './book.js'
import { callPane } from './call.js'
import { chat } from './chat.js'
import { $, element, mark, oncePerFrame, write } from './dom.js'
import { callHistory } from './history.js'
import { eventLog } from './log.js'
import { peopleList } from './people.js'
import { presenceMenu, watcher } from './presence.js'
import { accountTiles } from './sign-in.js'
import { accounts, authFailure, countInWords, endOfSession, eventInWords, nameOf, titleOf, voicemailInWords } from './words.js'

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

let me = sessionStorage.getItem('account') ?? (decodeURIComponent(location.hash.slice(1)) || accounts[0])
let signedIn = false      // from the first connected moment to the end of the session
let leaving = false       // Sign out was pressed
let last = null           // who was signed in before

const render = oncePerFrame(renderNow)
const app = {
  client,
  book: addressBook(client),
  watcher: watcher(client),
  me: () => me,
  isSignedIn: () => signedIn,
  mayCall: () => client.getConnection().isConnected && !phone.calls().current,
  render,
  renderNow,
  complain,
  announce,
  tell: (text) => write($('teller'), text),
  view,
  sees: (name) => getComputedStyle($(name)).display !== 'none',
  badges,
  call: (address, video) => phone.call(address, video),
  open(destination, type) {
    talk.open(destination, type)
    view('chat')
    render()
    // Under fingers it would bring the keyboard up.
    if (!matchMedia('(pointer: coarse)').matches) $('text').focus()
  },
  isOpen: (destination) => talk.isOpen(destination),
  add(address) {
    const { firstName, lastName } = client.user.get(address) ?? {}
    client.contacts.add({ contactId: address, primaryContact: address, firstName: firstName ?? nameOf(address), lastName })
  },
  remove: ({ contactId }) => client.contacts.remove(contactId),
}
const log = eventLog((type, payload) => eventInWords(type, payload, client))
const phone = callPane(app)
const people = peopleList(app)
const history = callHistory(app)
const talk = chat(app)
const renderPresence = presenceMenu(client)
const choose = accountTiles(me)

// What happens

client.subscribe((type, [payload]) => log.add(type, payload))

client.on('auth:change', ({ reason }) => {
  const { isConnected, isPending } = client.getConnection()
  const first = isConnected && !signedIn
  if (reason) complain(endOfSession(reason, phone.calls().current))
  else if (isConnected && !isPending) complain('')
  signedIn = isConnected || (signedIn && isPending)
  leaving = leaving && isPending
  if (first) enter()
  renderNow()
})
client.on('auth:error', ({ error }) => { complain(authFailure(error)); renderNow() })
client.on('ws:change', render)

client.on('contacts:change', () => { app.book.read(); render() })
for (const type of ['messages:change', 'conversations:change', 'presence:change', 'directory:change']) client.on(type, render)
for (const type of ['presence:selfChange', 'voicemail:change']) client.on(type, render)
client.on('callHistory:change', () => history.render())
client.on('call:stateChange', ({ callId }) => {
  // The server has a record of it, also of calls that were missed before they rang here.
  if (client.call.getById(callId).state === client.call.states.ENDED && signedIn) history.fetch()
})
for (const type of ['messages:error', 'contacts:error', 'presence:error', 'directory:error', 'callHistory:error']) {
  client.on(type, ({ error }) => complain(error.message))
}

/** Somebody has signed in: what the server keeps of them is fetched. */
function enter() {
  if (last && last !== me) forget()
  last = me
  phone.forget()
  choose(me)
  client.contacts.refresh()
  client.conversation.fetch()
  client.voicemail.fetch()
  client.presence.update(client.presence.statuses.OPEN, client.presence.activities.AVAILABLE)
  history.fetch()
  people.ask()
  if (matchMedia('(min-width: 100rem)').matches) log.open(true)
}

function forget() {
  talk.close()
  people.reset()
  history.reset()
  app.watcher.forget()
  app.book.read()
  view('people')
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
$('sign-out').addEventListener('click', () => {
  leaving = true
  client.disconnect()
  render()
})
$('notice-close').addEventListener('click', () => complain(''))

/** On small windows one view is seen at a time. */
function view(name) {
  $('phone').dataset.view = name
  for (const button of document.querySelectorAll('[data-view-of]')) {
    mark(button, { 'aria-current': button.dataset.viewOf === name ? 'page' : null })
  }
  render()
}
for (const button of document.querySelectorAll('[data-view-of]')) button.addEventListener('click', () => view(button.dataset.viewOf))

/** People or calls. */
const tabs = ['tab-people', 'tab-calls'].map($)
function tab(chosen) {
  for (const one of tabs) {
    mark(one, { 'aria-selected': one === chosen, tabindex: one === chosen ? 0 : -1 })
    $(one.getAttribute('aria-controls')).hidden = one !== chosen
  }
  if (chosen === $('tab-calls')) history.looked()
  render()
  history.render()
}
for (const one of tabs) {
  one.addEventListener('click', () => tab(one))
  one.addEventListener('keydown', ({ key }) => {
    if (key !== 'ArrowRight' && key !== 'ArrowLeft') return
    const other = tabs.find((it) => it !== one)
    tab(other)
    other.focus()
  })
}

// What is seen

function renderNow() {
  const { isConnected, isPending } = client.getConnection()
  const { current, incoming } = phone.calls()
  const inside = signedIn || Boolean(current)

  $('boot').hidden = true
  $('welcome').hidden = inside
  $('phone').hidden = $('me').hidden = $('connection').hidden = $('views').hidden = !inside
  mark(document.body, { 'data-inside': inside })
  renderSignIn(isPending && !inside)
  renderConnection(isConnected, isPending)
  renderMe()
  phone.render()
  people.render()
  talk.render()
  history.render()
  badges()
  document.title = titleOf(current, incoming, signedIn && me, unread())

  // Whoever works by keyboard does not fall off the page when the focused button goes away.
  if (!isThere(document.activeElement)) [...phone.focusables(), $('tab-people'), $('welcome-title')].find(isThere)?.focus()
}

const isThere = (one) => Boolean(one) && !one.disabled && one.getClientRects().length > 0

function renderSignIn(busy) {
  // Not `disabled`, which would take the focus away.
  mark($('sign-in-button'), { 'aria-disabled': busy })
  write($('sign-in-button'), busy ? 'Signing in…' : 'Sign in')
}

function renderConnection(isConnected, isPending) {
  const state = isConnected && !leaving ? 'connected' : isPending ? 'pending' : 'lost'
  const words = { connected: 'Connected', pending: leaving ? 'Signing out…' : 'Reconnecting…', lost: 'Connection lost' }
  write($('connection'), words[state])
  mark($('connection'), { 'data-state': state })
}

function renderMe() {
  write($('me-name'), app.book.name(me))
  write($('me-address'), me)
  for (const id of ['me-avatar', 'pair-me']) write($(id), nameOf(me).charAt(0))
  renderPresence()
  const other = accounts.find((account) => account !== me)
  mark($('second-tab'), { href: `#${other}` })
  write($('second-tab'), `Open a second tab as ${nameOf(other)}`)
  const { newMessagesWaiting, unheardVoice } = client.voicemail.get()
  $('voicemail').hidden = !newMessagesWaiting
  if (newMessagesWaiting) write($('voicemail-text'), voicemailInWords(unheardVoice))
}

function unread() {
  return client.conversation.getAll().reduce((sum, one) => sum + (one.unread ?? 0), 0)
}

/** Marks of what is new, on the tabs and on the views of small windows. */
function badges() {
  if ($('calls-panel').checkVisibility()) history.looked()
  badge('people-badge', unread(), 'unread message')
  badge('views-badge', unread(), 'unread message')
  badge('calls-badge', history.missed(), 'missed call')
  mark($('view-call'), { 'data-on': Boolean(phone.calls().current) })
}

function badge(id, count, what) {
  $(id).hidden = !count
  if ($(id).dataset.count === String(count)) return
  $(id).dataset.count = count
  $(id).replaceChildren(countInWords(count), element('span', 'unseen', {}, ` ${what}${count === 1 ? '' : 's'}`))
}

/** Shows what went wrong where the user looks now; an empty text takes it away. */
function complain(text) {
  write($('sign-in-error'), text)
  write($('notice-text'), text)
  $('sign-in-error').hidden = $('notice').hidden = !text
}

function announce(text) {
  $('announcer').textContent = text
}

view('people')
renderNow()
