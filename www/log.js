// The event log: newest first, each entry opens to what the event carried.

/** More entries than this push the oldest out. */
const MOST_ENTRIES = 200

/** Longest detail in characters; a session description has about 5,000. */
const LONGEST_DETAIL = 8000

/** Returns `add(type, words, detail, failed)`, which writes into the element with the id `log`. */
export function eventLog() {
  const [list, empty] = ['log-entries', 'log-empty'].map((id) => document.getElementById(id))

  document.getElementById('log-clear').addEventListener('click', () => {
    list.replaceChildren()
    empty.hidden = false
  })

  return (type, words, detail, failed) => {
    const now = new Date()
    const time = element('time', now.toLocaleTimeString([], { hour12: false }), 'when')
    time.dateTime = now.toISOString()
    const summary = element('summary')
    summary.append(time, element('span', words, 'words'), element('code', type))
    const entry = element('details')
    entry.append(summary, element('pre', JSON.stringify(detail, null, 2).slice(0, LONGEST_DETAIL)))
    const item = element('li', '', failed ? 'failed' : '')
    item.append(entry)
    list.prepend(item)
    if (list.children.length > MOST_ENTRIES) list.lastChild.remove()
    empty.hidden = true
  }
}

function element(name, text = '', className = '') {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}
