// What is being written: a text, and files that were chosen or dropped.

import { $, element, icon, iconButton, label } from './dom.js'
import { LARGEST, nameOfFile, sizeInWords } from './files.js'

/** Most files of one message, as the gateway has it. */
const MOST_FILES = 20

/** Longest text in bytes, as the gateway has it. */
const LONGEST_TEXT = 16 << 10

/**
 * The form below the messages. `talk()` is the conversation that is open, `complain(text)` says what is wrong, `sent()` hears of a
 * message that was sent. Returns `clear()`, and `render(features)` with what the conversation can do.
 */
export function composer({ talk, complain, sent }) {
  let files = []
  const text = $('text')

  $('composer').addEventListener('submit', (event) => {
    event.preventDefault()
    send()
  })
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    send()
  })
  text.addEventListener('input', grow)
  $('attach').addEventListener('click', () => $('file').click())
  $('file').addEventListener('change', () => {
    add($('file').files)
    $('file').value = ''
  })

  const pane = $('chat')
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files') && !$('attach').hidden && talk()
  pane.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    pane.dataset.drop = 'over'
  })
  for (const type of ['dragleave', 'drop']) {
    pane.addEventListener(type, (event) => {
      if (type === 'drop' || !pane.contains(event.relatedTarget)) delete pane.dataset.drop
    })
  }
  pane.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    add(event.dataTransfer.files)
  })

  return {
    clear() {
      text.value = ''
      files = []
      show()
      grow()
    },
    render(features) {
      $('attach').hidden = !features.includes('rich')
    },
  }

  function add(chosen) {
    for (const file of chosen) {
      if (file.size > LARGEST) complain(`${nameOfFile({ file })} is too large: a file may have ${sizeInWords(LARGEST)}.`)
      else if (files.length < MOST_FILES) files.push(file)
      else complain(`A message can have ${MOST_FILES} files.`)
    }
    show()
    text.focus()
  }

  function send() {
    const written = text.value.trim()
    if (!written && !files.length) return undefined
    if (new TextEncoder().encode(written).length > LONGEST_TEXT) return complain('This text is too long for one message.')
    const message = talk().createMessage(written || undefined)
    for (const file of files) message.addPart({ type: 'file', file })
    message.send()
    text.value = ''
    files = []
    show()
    grow()
    return sent()
  }

  function show() {
    const chips = files.map((file, n) => {
      const remove = iconButton('close', 'quiet', () => {
        files.splice(n, 1)
        show()
        text.focus()
      })
      label(remove, `Do not send ${nameOfFile({ file })}`)
      return element('li', 'chip', {}, icon('file'), element('bdi', 'file-name', {}, nameOfFile({ file })), element('span', 'sub', {}, sizeInWords(file.size)), remove)
    })
    $('chosen').replaceChildren(...chips)
    $('chosen').hidden = !chips.length
  }

  /** As high as the text, within what the style allows. */
  function grow() {
    text.style.height = 'auto'
    text.style.height = `${text.scrollHeight + 2}px`
  }
}
