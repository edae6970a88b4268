// The form to sign in with: a tile for each demo account.

import { $, element } from './dom.js'
import { accounts, nameOf } from './words.js'

/**
 * Fills the form with tiles. A chosen one writes its address and password into the form.
 * Returns `choose(address)`, which does the same and takes any other password away.
 */
export function accountTiles(chosen) {
  const [address, password] = [$('address'), $('password')]
  const tiles = accounts.map((account) => {
    const radio = element('input', '', { type: 'radio', name: 'account', value: account })
    radio.addEventListener('change', () => choose(account))
    const face = element('span', 'avatar small', { 'aria-hidden': 'true' }, nameOf(account).charAt(0))
    return { label: element('label', 'tile', {}, radio, face, element('span', '', {}, nameOf(account))), radio }
  })
  $('accounts').append(...tiles.map(({ label }) => label))
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
