// The call history: who called whom, missed calls marked, and a way to call back.

import { $, element, icon, iconButton, label, mark, oncePerFrame, write } from './dom.js'
import { virtualList } from './list.js'
import { duration, momentInWords } from './words.js'

/** Pixels of a record that was not drawn yet. */
const HEIGHT = 64

/** Records that are fetched at once. */
const PAGE = 50

/** Records from the end at which the next ones are fetched. */
const NEAR_END = 10

const WORDS = { missed: 'Missed', incoming: 'Incoming', outgoing: 'Outgoing' }

/** The list of calls. Returns `render()`, `fetch()`, `missed()`, and `looked()` for when somebody has seen them. */
export function callHistory(app) {
  const { history } = app.client.call
  let records = []
  let asked = -1
  let since = Date.now()
  const list = virtualList($('calls'), { height: HEIGHT, items, fill, onDraw: more })

  return {
    render: oncePerFrame(draw),
    fetch() {
      asked = 0
      history.fetch(PAGE)
    },
    reset() {
      since = Date.now()
      list.reset()
    },
    missed: () => records.filter((record) => record.direction === 'missed' && Number(record.startTime) > since).length,
    looked() { since = Date.now() },
  }

  function draw() {
    if (!app.isSignedIn()) return
    records = history.get()
    $('calls-none').hidden = records.length > 0
    list.update(records.length)
    app.badges()
  }

  /** Whoever comes near the end gets the next page. */
  function more() {
    const near = list.first() + NEAR_END >= records.length - PAGE / 2
    if (!near || records.length < PAGE || asked >= records.length) return
    asked = records.length
    history.fetch(PAGE, records.length)
  }

  function items(from, count) {
    return records.slice(from, from + count).map((record, n) => ({ key: record.recordId, record, place: from + n + 1 }))
  }

  function fill({ record, place }, old) {
    const row = old ?? made()
    const { direction, remoteParticipant: who, startTime, duration: length } = record
    const address = who.displayNumber.replace(/^sips?:/, '')
    const name = app.book.get(address)?.name || (who.displayName && !who.displayName.includes('@') ? who.displayName : app.book.name(address))
    const kind = WORDS[direction] ? direction : 'incoming'
    row.address = address
    mark(row, { 'data-kind': kind, 'aria-posinset': place, 'aria-setsize': records.length })
    const [strong, sub] = row.who.querySelector('.names').children
    write(strong, name)
    const lasted = Number(length) > 0 ? `, ${duration(Number(length))}` : ''
    write(sub, `${WORDS[kind]}${lasted} · ${momentInWords(Number(startTime))}`)
    label(row.voice, `Call ${name} back`)
    label(row.video, `Video call to ${name}`)
    for (const button of [row.voice, row.video]) button.disabled = !app.mayCall()
    return row
  }

  function made() {
    const row = element('div', 'row person record', { role: 'listitem' })
    const who = element('button', 'who', { type: 'button' },
      element('span', 'face way', {}, icon('way')), element('span', 'names', {}, element('strong'), element('span', 'sub')))
    who.addEventListener('click', () => app.open([row.address]))
    const voice = iconButton('phone', 'round', () => app.call(row.address, false))
    const video = iconButton('video', 'round', () => app.call(row.address, true))
    Object.assign(row, { who, voice, video })
    row.append(who, voice, video)
    return row
  }
}
