// The conversation that is open: its messages, drawn only as far as they are seen, and what is being written. Messages are kept by
// the SDK alone; the page asks for those that it draws.

import { $, element, icon, iconButton, label, mark, oncePerFrame, write } from './dom.js'
import { composer } from './composer.js'
import { nameOfFile, save, sizeInWords } from './files.js'
import { virtualList } from './list.js'
import { dot, fillDot } from './presence.js'
import { clock, dayInWords, newMessages, presenceInWords, preview } from './words.js'

/** Pixels of a message that was not drawn yet. */
const HEIGHT = 56

/** Messages that are fetched at once. */
const PAGE = 100

/** What is asked for first. */
const NEWEST = Symbol('newest')

/** Messages from the beginning at which older ones are fetched. */
const NEAR_START = 30

/** Messages that are looked through for the one that was seen first. */
const MOST_MOVED = 1000

/** Milliseconds between two messages of one person that are shown as one after the other. */
const CLOSE = 120_000

/** The chat. Returns `open(destination, type)`, `close()`, `render()`, `isOpen(destination)`. */
export function chat(app) {
  const { client, book } = app
  let open = null           // { destination, type }
  let seen = { count: 0, dropped: 0 }
  let anchor = null         // { index, key } of the first message that was seen
  let loading = null        // what was asked for: NEWEST, or the id of the message before which others are
  let listed = false        // the list of conversations was asked for, in which this one has its id
  let edge = null           // { id, index } of the message from which on nothing is missing
  let told = null           // the message of others that was told last to those who do not see the page
  let complete = false      // there are no older ones, or no room for them
  const scroller = $('messages')
  const list = virtualList(scroller, { height: HEIGHT, items, fill, keepEnd: true, onScroll: draw, onDraw: afterDraw })
  const render = oncePerFrame(draw)
  const own = dot()
  $('chat-avatar').after(own)

  const writing = composer({ talk, complain: app.complain, sent: () => { list.toEnd(); render() } })
  $('chat-call').addEventListener('click', () => app.call(open.destination[0], false))
  $('chat-video').addEventListener('click', () => app.call(open.destination[0], true))
  $('chat-contact').addEventListener('click', () => {
    const contact = book.get(open.destination[0])
    if (contact) app.remove(contact)
    else app.add(open.destination[0])
  })
  $('newer').addEventListener('click', () => {
    list.toEnd()
    $('text').focus()
  })
  document.addEventListener('visibilitychange', () => open && render())

  return { open: begin, close, render, isOpen }

  function talk() {
    return open && client.conversation.get(open.destination, { type: open.type })
  }

  function isOpen(destination) {
    return Boolean(open) && open.destination.join() === destination.join()
  }

  function name() {
    return open ? open.destination.map(book.name).join(', ') : ''
  }

  function begin(destination, type = 'im') {
    if (isOpen(destination)) return render()
    open = { destination, type }
    if (!talk()) client.conversation.create(destination, { type })
    const { messageCount = 0, droppedMessages = 0 } = talk()
    seen = { count: messageCount, dropped: droppedMessages }
    anchor = loading = edge = told = null
    complete = listed = false
    writing.clear()
    list.reset()
    list.update(messageCount, { toEnd: true })
    draw()
  }

  function close() {
    open = null
    writing.clear()
    list.reset()
    render()
  }

  function draw() {
    const now = talk()
    mark($('phone'), { 'data-chat': now ? 'open' : 'none' })
    $('chat-none').hidden = Boolean(now)
    $('chat-open').hidden = !now
    if (!now) return
    renderHead()
    tellNewest(now)
    const { messageCount: count = 0, droppedMessages: dropped = 0, isPending } = now
    if (loading && !isPending) loaded(count, dropped)
    else if (now.id && !edge && !loading) load(NEWEST)
    else if (!now.id && !listed) {
      // One that came to be by a message has no id yet, by which its history is fetched.
      listed = true
      client.conversation.fetch()
    }
    const before = movedBy(count, dropped)
    seen = { count, dropped }
    list.update(count, { before })
    write($('older'), isPending ? 'Fetching older messages…' : 'Older messages are kept by the server; no more of them fit here.')
    write($('messages-none'), count || isPending ? '' : `Nothing was written yet. Say hello to ${name()}.`)
  }

  /** Says a message that has just come; what was there when the chat was opened is not news. */
  function tellNewest({ lastMessage, isPending }) {
    const id = lastMessage?.messageId ?? ''
    if (told !== null && told !== id && id && !lastMessage.own) app.tell(`${book.name(lastMessage.sender)}: ${preview(lastMessage)}`)
    if (!isPending) told = id
  }

  function renderHead() {
    const [address] = open.destination
    const paired = open.destination.length === 1
    const [presence] = client.presence.get(address)
    write($('chat-title'), name())
    write($('chat-avatar'), name().charAt(0).toUpperCase())
    fillDot(own, paired ? presence : undefined)
    write($('chat-presence'), presence && paired ? presenceInWords(presence) : paired ? address : '')
    for (const id of ['chat-call', 'chat-video', 'chat-contact']) $(id).hidden = !paired
    for (const [id, what] of [['chat-call', `Call ${name()}`], ['chat-video', `Video call to ${name()}`]]) {
      label($(id), what)
      $(id).disabled = !app.mayCall()
    }
    const known = Boolean(book.get(address))
    label($('chat-contact'), known ? `Remove ${name()} from your contacts` : `Add ${name()} to your contacts`)
    mark($('chat-contact').querySelector('use'), { href: known ? '#i-remove' : '#i-add' })
    label(scroller, `Messages with ${name()}`)
    writing.render(talk().features)
  }

  /** How many messages are new before the first one that was seen, by looking for it where it may be now. */
  function movedBy(count, dropped) {
    if (!anchor) return 0
    const grown = count - seen.count
    const gone = dropped - seen.dropped
    if (!grown && !gone) return 0
    const is = (shift) => anchor.index + shift >= 0 && keyOf(messages(anchor.index + shift, 1)[0], anchor.index + shift) === anchor.key
    const places = [0, grown, -gone]
    const found = places.find(is)
    if (found !== undefined) return found
    const from = Math.max(0, anchor.index - gone)
    const place = messages(from, MOST_MOVED).findIndex((message, n) => keyOf(message, from + n) === anchor.key)
    return place < 0 ? 0 : from + place - anchor.index
  }

  function messages(from, count) {
    return talk()?.getMessages({ from, count }) ?? []
  }

  /** Asks for the newest messages, or for those before one. */
  function load(what) {
    loading = what
    talk().fetchMessages(PAGE, what === NEWEST ? {} : { before: what })
    render()
  }

  /** They are there. Before them there may be some that came while nobody looked, with gaps between them. */
  function loaded(count, dropped) {
    const at = loading === NEWEST ? count : Math.max(0, messages(0, MOST_MOVED).findIndex(({ messageId }) => messageId === loading))
    const index = Math.max(0, at - PAGE)
    edge = { index, id: messages(index, PAGE).find(({ messageId }) => messageId)?.messageId }
    complete = at === 0 || dropped > 0
    loading = null
  }

  function afterDraw() {
    const now = talk()
    if (!now) return
    const atEnd = list.isAtEnd()
    const { unread = 0, isPending, messageCount: count = 0, droppedMessages: dropped = 0 } = now
    const index = list.first()
    anchor = count ? { index, key: keyOf(messages(index, 1)[0], index) } : null
    if (edge?.id && !complete && !loading && index < edge.index + NEAR_START) load(edge.id)
    if (unread && atEnd && !document.hidden && app.sees('chat')) read(now, count)
    $('newer').hidden = atEnd
    $('older').hidden = !isPending && !(dropped && index === 0)
    write($('newer-text'), unread ? newMessages(unread) : 'Newest messages')
  }

  /** Marks the newest message of others, and with it all before, as read. */
  function read(now, count) {
    for (let from = count; from > 0;) {
      const some = Math.min(PAGE, from)
      from -= some
      const last = messages(from, some).filter((message) => !message.own && message.messageId).pop()
      if (last) return last.markRead()
    }
    return undefined
  }

  // How messages look

  /** Messages of this stretch, and those beside it, which say whether a day or a person begins or ends. */
  function items(from, count) {
    const start = Math.max(0, from - 1)
    const some = messages(start, count + from - start + 1)
    const all = some.map((message, n) => ({ message, before: some[n - 1], after: some[n + 1], place: start + n + 1, key: keyOf(message, start + n) }))
    return all.slice(from - start, from - start + count)
  }

  function fill({ message, before, after, place }, old) {
    const [begins, follows, ends] = [isNewDay(before, message), isClose(before, message), !isClose(message, after)]
    const looks = JSON.stringify([message, begins, follows, ends])
    if (old) mark(old, { 'aria-posinset': place, 'aria-setsize': seen.count })
    if (old?.looks === looks) return old
    const row = element('div', 'row message', { role: 'listitem' })
    row.looks = looks
    const { own: mine, isPending, error, sender, timestamp, parts } = message
    if (begins) row.append(element('h3', 'day', {}, dayInWords(timestamp)))
    mark(row, { 'aria-posinset': place, 'aria-setsize': seen.count })
    mark(row, { 'data-own': mine, 'data-same': follows, 'data-state': error ? 'failed' : isPending ? 'pending' : 'sent' })
    const who = mine ? 'You' : book.name(sender ?? open.destination[0])
    const said = element('span', open.destination.length > 1 && !mine && !follows ? 'sender' : 'unseen', {}, who)
    const bubble = element('div', 'bubble', {}, said, ...parts.map(part))
    const state = element('span', ends || isPending || error ? 'state' : 'unseen', {}, isPending ? 'Sending…' : error ? `Not sent: ${error.message}` : clock(timestamp))
    row.append(bubble, state)
    if (error && mine && parts.every(sendable)) row.append(again(parts))
    return row
  }

  function part(one) {
    if (one.type === 'text') return element('p', 'text', { dir: 'auto' }, String(one.text))
    if (one.type === 'json') return element('pre', 'text', {}, JSON.stringify(one.json))
    if (one.type !== 'file') return element('p', 'hint', {}, 'Something that this page cannot show.')
    const [name, size] = [nameOfFile(one), sizeInWords(one.size ?? one.file?.size)]
    const words = [element('bdi', 'file-name', {}, name), element('span', 'sub', {}, size)]
    if (typeof one.url !== 'string') return element('p', 'file', {}, icon('file'), ...words)
    const button = element('button', 'file', { type: 'button', title: 'Save this file' }, icon('file'), ...words)
    button.addEventListener('click', async () => {
      try {
        await save(one, client)
      } catch (error) {
        app.complain(`${name} could not be saved. ${error.message}`)
      }
    })
    return button
  }

  function again(parts) {
    const button = element('button', 'quiet again', { type: 'button' }, 'Send again')
    button.addEventListener('click', () => {
      const message = talk().createMessage()
      parts.forEach((one) => message.addPart(one))
      message.send()
      list.toEnd()
      render()
    })
    return button
  }
}

/** What is the same of a message as long as it is there; one without an id of the server is known by its place and time. */
const keyOf = (message, place) => message && (message.messageId ?? `${place} ${message.timestamp}`)

/** Whether the second of two messages is of another day. */
const isNewDay = (one, next) => !one || new Date(one.timestamp).toDateString() !== new Date(next.timestamp).toDateString()

/** Whether two messages are shown as one after the other, of one person. */
function isClose(one, next) {
  return Boolean(one && next) && one.own === next.own && one.sender === next.sender && next.timestamp - one.timestamp < CLOSE && !isNewDay(one, next)
}

const sendable = ({ type, file }) => type === 'text' || (type === 'file' && file instanceof Blob)
