// Files from others: nothing that is said of them is believed. They are fetched when somebody asks for them, and saved, never shown.

/** Longest name shown, in characters. */
const LONGEST_NAME = 200

/** Characters that hide what a name ends with: controls, and those that turn the direction of writing. */
const HIDDEN = /[\p{Cc}\p{Cf}]/gu

/** Largest file that can be sent, in bytes: what the gateway takes unless it is told otherwise. */
export const LARGEST = 10 << 20

/** The name of a file as a text to show, or to save it by. */
export function nameOfFile(part) {
  const said = typeof part.name === 'string' ? part.name : part.file?.name
  const name = String(said ?? '').replace(HIDDEN, '').split(/[/\\]/).pop().trim().slice(0, LONGEST_NAME)
  return name || 'file'
}

/** '1.2 MB'; nothing for what is no size. */
export function sizeInWords(bytes) {
  if (!Number.isFinite(bytes) || bytes < 0) return ''
  const units = ['bytes', 'kB', 'MB', 'GB']
  let at = 0
  while (bytes >= 1000 && at < units.length - 1) [bytes, at] = [bytes / 1000, at + 1]
  return `${at && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[at]}`
}

/**
 * Fetches a file of a message and has the browser save it. The token goes to the server of this page alone, whatever address the
 * message names; and the browser is told no type, so that it opens nothing.
 */
export async function save(part, client) {
  const address = new URL(part.url, location.href)
  if (address.origin !== location.origin) throw new Error('It lies on another server.')
  const { accessToken } = client.getUserInfo()
  const answer = await fetch(address, { headers: { authorization: `Bearer ${accessToken}` } })
  if (!answer.ok) throw new Error(answer.status === 404 ? 'It is not there any more.' : `The server answered ${answer.status}.`)
  const data = new Blob([await answer.arrayBuffer()], { type: 'application/octet-stream' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(data)
  link.download = nameOfFile(part)
  link.click()
  // The browser has begun to save it when the click is over.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
