// The list of people: whom one talks with, the address book, and the directory; with a search in all of them.

import { $, element, iconButton, label, mark, oncePerFrame, write } from './dom.js'
import { virtualList } from './list.js'
import { dot, fillDot } from './presence.js'
import { countInWords, preview, wholeName } from './words.js'

/** Pixels of a person that was not drawn yet. */
const HEIGHT = 64

/** Most conversations above the contacts. */
const MOST_RECENT = 12

/** Most people taken from the directory for one search. */
const MOST_FOUND = 25

/** Milliseconds without typing before the directory is asked. */
const TYPED = 200

/**
 * The list of people. `app` has the client, the address book, and what the buttons do.
 *
 * Returns `render()`, and `reset()` for when somebody else has signed in.
 */
export function peopleList(app) {
  const { client, book } = app
  const [scroller, search] = [$('people'), $('search')]
  let rows = []
  let presences = new Map()
  let timer
  const list = virtualList(scroller, { height: HEIGHT, items, fill, onDraw: () => app.watcher.see(seen) })
  let seen = []
  const render = oncePerFrame(draw)

  search.addEventListener('input', () => {
    scroller.scrollTop = 0
    clearTimeout(timer)
    timer = setTimeout(ask, TYPED)
    render()
  })
  // Up and down go from one person to the next.
  scroller.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key]
    let row = step && event.target.closest('.row')?.[step]
    while (row && !row.querySelector('.who')) row = row[step]
    if (!row) return
    event.preventDefault()
    row.querySelector('.who').focus()
  })

  return {
    render,
    ask,
    reset() {
      search.value = ''
      list.reset()
    },
  }

  /** Asks the directory for what is written, or for anybody. */
  function ask() {
    const text = search.value.trim()
    if (client.getConnection().isConnected) client.user.search(filters(text), { max: MOST_FOUND, sortBy: 'firstName' })
  }

  function draw() {
    if (!app.isSignedIn()) return
    rows = sections()
    write($('people-none'), rows.length ? '' : search.value ? 'Nobody is called so. Write a whole address to reach somebody who is not listed.' : 'Nobody here yet.')
    $('people-none').hidden = rows.length > 0
    list.update(rows.length)
  }

  /** Everybody who is listed now, under their headings. */
  function sections() {
    const text = search.value.trim().toLowerCase()
    const fits = (name, address) => `${name} ${address}`.toLowerCase().includes(text)
    const known = new Set([app.me()])
    const fresh = ({ address }) => !known.has(address) && known.add(address)

    const talks = client.conversation.getAll().filter((talk) => talk.lastMessage)
    const recent = talks
      .map((talk) => ({ talk, address: talk.destination[0], name: talk.destination.map(book.name).join(', ') }))
      .filter(({ name, talk }) => fits(name, talk.destination.join(' ')))
      .sort((one, other) => lastTime(other.talk) - lastTime(one.talk))
      .slice(0, MOST_RECENT)
    recent.filter(({ talk }) => talk.destination.length === 1).forEach(fresh)
    const contacts = (text ? book.find(text) : book.all()).filter(({ address }) => !known.has(address))
    book.all().forEach(({ address }) => known.add(address))
    const found = client.user.getAll()
      .filter(({ userId }) => typeof userId === 'string')
      .map((user) => ({ address: user.userId, name: wholeName(user) || book.name(user.userId) }))
      .filter(({ name, address }) => fits(name, address))
      .filter(fresh)
      .slice(0, MOST_FOUND)
    const written = isAddress(text) ? [{ address: text, name: book.name(text) }].filter(fresh) : []
    return [
      ...section('recent', 'Recent', recent),
      ...section('contact', 'Contacts', contacts),
      ...section('found', 'Directory', found),
      ...section('written', 'This address', written),
    ]
  }

  function section(kind, title, people) {
    if (!people.length) return []
    return [{ kind: 'head', title }, ...people.map((person) => ({ ...person, kind }))]
  }

  function items(from, count) {
    const some = rows.slice(from, from + count).map((row, n) => ({ ...row, place: from + n + 1, key: keyOf(row) }))
    seen = some.filter(({ address }) => address).map(({ address }) => address)
    presences = new Map(client.presence.get(seen).map((presence) => [presence.userId, presence]))
    return some
  }

  function fill(item, old) {
    const row = old ?? (item.kind === 'head' ? heading() : person())
    mark(row, { 'aria-posinset': item.place, 'aria-setsize': rows.length })
    if (item.kind === 'head') write(row.firstElementChild, item.title)
    else fillPerson(row, item)
    return row
  }

  function heading() {
    return element('div', 'row heading', { role: 'listitem' }, element('h3'))
  }

  function person() {
    const row = element('div', 'row person', { role: 'listitem' })
    const who = element('button', 'who', { type: 'button' },
      element('span', 'face', {}, element('span', 'avatar small', { 'aria-hidden': 'true' }), dot()),
      element('span', 'names', {}, element('strong'), element('span', 'sub')),
      element('span', 'unread', {}, element('span'), element('span', 'unseen', {}, ' unread')))
    who.addEventListener('click', () => app.open(row.talk?.destination ?? [row.address], row.talk?.type))
    const voice = iconButton('phone', 'round', () => app.call(row.address, false))
    const video = iconButton('video', 'round', () => app.call(row.address, true))
    const add = iconButton('add', 'round', () => app.add(row.address))
    for (const button of [voice, video]) button.dataset.calls = ''
    Object.assign(row, { who, voice, video, add })
    row.append(who, voice, video, add)
    return row
  }

  function fillPerson(row, { kind, address, name, talk }) {
    Object.assign(row, { address, talk })
    const presence = presences.get(address)
    const [face, names, unread] = row.who.children
    const alone = !talk || talk.destination.length === 1
    write(face.firstElementChild, name.charAt(0).toUpperCase())
    fillDot(face.lastElementChild, alone ? presence : undefined)
    write(names.firstElementChild, name)
    write(names.lastElementChild, talk ? preview(talk.lastMessage) : presence?.note || address)
    unread.hidden = !talk?.unread
    write(unread.firstElementChild, countInWords(talk?.unread ?? 0))
    mark(row.who, { 'aria-current': app.isOpen(talk?.destination ?? [address]) ? 'true' : null })
    label(row.voice, `Call ${name}`)
    label(row.video, `Video call to ${name}`)
    label(row.add, `Add ${name} to your contacts`)
    row.voice.hidden = !alone
    row.video.hidden = !alone || kind === 'found' || kind === 'written'
    row.add.hidden = kind !== 'found' && kind !== 'written'
    for (const button of [row.voice, row.video]) button.disabled = !app.mayCall()
  }
}

const isAddress = (text) => /^[^\s@]+@[^\s@]+$/.test(text)

const keyOf = ({ kind, title, talk, address }) => `${kind} ${title ?? talk?.destination ?? address}`

const lastTime = ({ lastMessage, lastReceived = 0 }) => Math.max(lastMessage?.timestamp ?? 0, lastReceived)

function filters(text) {
  if (!text) return {}
  return text.includes('@') ? { userId: text } : { name: text }
}
