// The demo accounts on the page: tiles to sign in with, rows to call.

import { accounts, nameOf } from './words.js'

/**
 * Fills the sign-in form with tiles. A chosen one writes its address and password into the form.
 * Returns `choose(address)`, which does the same and takes any other password away.
 */
export function accountTiles(chosen) {
  const [address, password] = ['address', 'password'].map((id) => document.getElementById(id))
  const tiles = accounts.map((account) => {
    const [label, radio] = [element('label', 'tile'), element('input')]
    Object.assign(radio, { type: 'radio', name: 'account', value: account })
    radio.addEventListener('change', () => choose(account))
    label.append(radio, avatar(account), element('span', '', nameOf(account)))
    return { label, radio }
  })
  document.getElementById('accounts').append(...tiles.map(({ label }) => label))
  address.addEventListener('input', () => tiles.forEach(({ radio }) => { radio.checked = radio.value === address.value }))
  choose(chosen)
  return choose

  function choose(account) {
    address.value = account
    password.value = accounts.includes(account) ? 'demo' : ''
    tiles.forEach(({ radio }) => { radio.checked = radio.value === account })
    sessionStorage.setItem('account', account)
  }
}

/** Fills the list of colleagues; `call(address, video)` is called by their buttons. */
export function colleagues(call) {
  const rows = accounts.map((account) => {
    const [row, who] = [element('li', 'person'), element('div', 'who')]
    who.append(element('strong', '', nameOf(account)), element('span', '', account))
    row.dataset.address = account
    row.append(avatar(account), who, button('#i-phone', `Call ${nameOf(account)}`, () => call(account, false)),
      button('#i-video', `Video call to ${nameOf(account)}`, () => call(account, true)))
    return row
  })
  document.getElementById('people').append(...rows)
}

/** Puts the name of whoever is signed in where it belongs, and takes it from the list of colleagues. */
export function present(me) {
  const [people, none, link] = ['people', 'people-none', 'second-tab'].map((id) => document.getElementById(id))
  document.getElementById('me-name').textContent = me
  for (const id of ['me-avatar', 'pair-me']) document.getElementById(id).textContent = nameOf(me).charAt(0)
  for (const row of people.children) row.hidden = row.dataset.address === me
  people.hidden = !(none.hidden = accounts.includes(me))
  const other = accounts.find((account) => account !== me)
  link.href = `#${other}`
  link.textContent = `Open a second tab as ${nameOf(other)}`
}

function button(icon, label, action) {
  const made = element('button', 'round')
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', icon)
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('aria-hidden', 'true')
  svg.append(use)
  made.append(svg)
  made.type = 'button'
  made.dataset.calls = ''
  made.title = label
  made.setAttribute('aria-label', label)
  made.addEventListener('click', action)
  return made
}

function avatar(account) {
  const made = element('span', 'avatar small', nameOf(account).charAt(0))
  made.setAttribute('aria-hidden', 'true')
  return made
}

function element(name, className = '', text = '') {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  return made
}
