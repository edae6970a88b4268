// Presence: dots for everybody who is seen, and the menu for one's own.

import { $, element, mark, write } from './dom.js'
import { presenceInWords, presenceKind } from './words.js'

/** Most users that are watched at once; those who were seen longest ago are let go. */
const MOST_WATCHED = 500

/** Milliseconds without scrolling after which those who are seen are watched. */
const SETTLED = 150

/** A dot, and its meaning for those who do not see it. */
export function dot() {
  return element('span', 'dot', {}, element('span', 'unseen'))
}

/** Fills a dot. */
export function fillDot(place, presence) {
  mark(place, { 'data-kind': presenceKind(presence) })
  write(place.firstElementChild, presence ? presenceInWords(presence) : '')
}

/** Watches whoever is seen. */
export function watcher(client) {
  const watched = new Set()
  let wanted = []
  let timer
  return {
    /** These users are seen now. */
    see(addresses) {
      wanted = addresses
      clearTimeout(timer)
      timer = setTimeout(watch, SETTLED)
    },
    /** Somebody else has signed in. */
    forget: () => watched.clear(),
  }

  function watch() {
    const fresh = wanted.filter((address) => !watched.has(address))
    for (const address of wanted) {
      watched.delete(address)
      watched.add(address)
    }
    if (fresh.length) client.presence.subscribe(fresh)
    const gone = [...watched].slice(0, Math.max(0, watched.size - MOST_WATCHED))
    gone.forEach((address) => watched.delete(address))
    if (gone.length) client.presence.unsubscribe(gone)
  }
}

/** The own menu. Returns `render(name, presence)`. */
export function presenceMenu(client) {
  const { OPEN } = client.presence.statuses
  const choices = [...document.querySelectorAll('[name="activity"]')]
  const chosen = () => choices.find(({ checked }) => checked)?.value ?? client.presence.activities.AVAILABLE
  const update = () => client.presence.update(OPEN, chosen(), $('note').value.trim())

  const own = dot()
  $('me-avatar').after(own)
  for (const choice of choices) choice.addEventListener('change', update)
  $('presence').addEventListener('submit', (event) => {
    event.preventDefault()
    update()
    $('me-menu').hidePopover()
  })
  $('me-menu').addEventListener('toggle', ({ newState }) => {
    mark($('me'), { 'aria-expanded': newState === 'open' })
    if (newState === 'open') $('note').value = client.presence.getSelf().note ?? ''
  })

  return () => {
    const self = client.presence.getSelf()
    fillDot(own, self.status && self)
    for (const choice of choices) choice.checked = choice.value === self.activity
  }
}
