// The event log: newest first, each entry opens to what the event carried. It is drawn only while it is open.

import { $, element, oncePerFrame } from './dom.js'

/** More entries than this push the oldest out. */
const MOST_ENTRIES = 200

/** Longest detail in characters; a session description has about 5,000. */
const LONGEST_DETAIL = 8000

/**
 * Returns `add(type, payload, words)`, which writes into the element with the id `log`. `inWords(type, payload)` says what happened;
 * what is said of calls depends on the moment, so that it is asked at once.
 */
export function eventLog(inWords) {
  const [log, list, empty, toggle] = ['log', 'log-entries', 'log-empty', 'log-toggle'].map($)
  let waiting = []
  const draw = oncePerFrame(() => {
    if (log.hidden) return
    list.prepend(...waiting.map(entry).reverse())
    waiting = []
    while (list.children.length > MOST_ENTRIES) list.lastChild.remove()
    empty.hidden = list.children.length > 0
  })

  $('log-clear').addEventListener('click', () => {
    waiting = []
    list.replaceChildren()
    draw()
  })
  for (const id of ['log-toggle', 'log-close']) $(id).addEventListener('click', () => open(log.hidden))

  return {
    open,
    add(type, payload) {
      const words = type.startsWith('call:') ? inWords(type, payload) : undefined
      waiting.push({ type, payload, words, at: new Date() })
      if (waiting.length > 2 * MOST_ENTRIES) waiting = waiting.slice(-MOST_ENTRIES)
      draw()
    },
  }

  function open(wanted) {
    log.hidden = !wanted
    toggle.setAttribute('aria-expanded', wanted)
    if (!wanted && document.activeElement === document.body) toggle.focus()
    draw()
  }

  function entry({ type, payload, words = inWords(type, payload), at }) {
    const time = element('time', 'when', { dateTime: at.toISOString() }, at.toLocaleTimeString([], { hour12: false }))
    const summary = element('summary', '', {}, time, element('span', 'words', {}, words), element('code', '', {}, type))
    const details = element('details', '', {}, summary, element('pre', '', {}, JSON.stringify(payload, null, 2).slice(0, LONGEST_DETAIL)))
    return element('li', payload.error ? 'failed' : '', {}, details)
  }
}
