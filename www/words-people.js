// What the page says of people, messages and times. No state, no DOM.

/** Longest preview of a message, in characters. */
const LONGEST_PREVIEW = 120

/** 'Alice Archer' of a contact or a user; empty without a name. */
export function wholeName(who) {
  const words = [who?.firstName, who?.lastName].filter((word) => typeof word === 'string' && word.trim())
  return words.join(' ')
}

/** '99+' for more than fits. */
export const countInWords = (count) => (count > 99 ? '99+' : String(count))

/** Which dot stands for a presence. Each has a colour and a form of its own. */
export function presenceKind(presence) {
  if (!presence?.status) return 'none'
  if (presence.status !== 'open') return 'offline'
  const kinds = { active: 'available', busy: 'busy', 'on-the-phone': 'busy', away: 'away', idle: 'away', lunch: 'away', vacation: 'away' }
  return kinds[presence.activity] ?? 'available'
}

/** 'At lunch: back at one' */
export function presenceInWords(presence) {
  const words = {
    active: 'Available', busy: 'Busy', 'on-the-phone': 'On the phone', away: 'Away', idle: 'Away', lunch: 'At lunch', vacation: 'On vacation',
  }
  const what = presence.status === 'open' ? words[presence.activity] ?? 'Available' : 'Offline'
  return presence.note ? `${what}: ${presence.note}` : what
}

/** The first words of a message. */
export function preview({ parts = [], own }) {
  const text = parts.map((part) => (part.type === 'text' ? String(part.text) : part.type === 'file' ? 'File' : 'Data')).join(' · ')
  return `${own ? 'You: ' : ''}${text.replace(/\s+/g, ' ').slice(0, LONGEST_PREVIEW)}`
}

/** '1 new message' */
export const newMessages = (count) => `${countInWords(count)} new message${count === 1 ? '' : 's'}`

/** '2 new voicemails' */
export function voicemailInWords(unheard) {
  const count = Number(unheard)
  return count > 0 ? `${countInWords(count)} new voicemail${count === 1 ? '' : 's'}` : 'New voicemail'
}

// Formats are made once: to make one takes longer than to use it a hundred times.
const TIME = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit' })
const DAY = new Intl.DateTimeFormat([], { weekday: 'long', day: 'numeric', month: 'long' })
const YEAR = new Intl.DateTimeFormat([], { day: 'numeric', month: 'long', year: 'numeric' })

/** '14:05' */
export const clock = (time) => (Number.isFinite(time) ? TIME.format(time) : '')

/** 'Today', 'Yesterday', 'Monday, 3 March' */
export function dayInWords(time) {
  if (!Number.isFinite(time)) return ''
  const [day, today, yesterday] = [new Date(time), new Date(), new Date()]
  yesterday.setDate(today.getDate() - 1)
  const is = (other) => day.toDateString() === other.toDateString()
  if (is(today)) return 'Today'
  if (is(yesterday)) return 'Yesterday'
  return (day.getFullYear() === today.getFullYear() ? DAY : YEAR).format(day)
}

/** '14:05' of today, 'Yesterday, 14:05' */
export function momentInWords(time) {
  const day = dayInWords(time)
  return day === 'Today' ? clock(time) : `${day}, ${clock(time)}`
}

/** An event of these namespaces for the log; undefined for any other. */
export function peopleEventInWords(type, payload, nameOf) {
  switch (type) {
    case 'messages:change': return payload.messageId ? `A message with ${names(payload, nameOf)} is new or has changed.` : `Messages with ${names(payload, nameOf)} have changed.`
    case 'conversations:new': return 'A conversation was begun.'
    case 'conversations:change': return 'The list of conversations has changed.'
    case 'presence:change': return `${nameOf(payload.userId)}: ${presenceInWords(payload)}.`
    case 'presence:selfChange': return 'Others see your presence.'
    case 'contacts:new': return 'A contact was added.'
    case 'contacts:change': return 'The address book has changed.'
    case 'directory:change': return `The directory found ${payload.results.length} people.`
    case 'voicemail:change': return payload.newMessagesWaiting ? 'There is new voicemail.' : 'There is no new voicemail.'
    case 'callHistory:change': return 'The call history has changed.'
    case 'callHistoryCache:change': return 'The kept call history has changed.'
    default: return undefined
  }
}

const names = ({ destination = [] }, nameOf) => destination.map(nameOf).join(', ') || 'somebody'
