// Who is called what: the address book put in order, once after each change of it, and names for everybody.

import { nameOf, wholeName } from './words.js'

/** Longest name and address shown; both were written by others. */
const LONGEST = 120

/** The address book of a client, in alphabetical order. */
export function addressBook(client) {
  let people = []
  let byAddress = new Map()

  return {
    /** Takes the contacts from the client. */
    read() {
      people = Object.values(client.contacts.getAll()).map(entry).filter(Boolean).sort(byKey)
      byAddress = new Map(people.map((person) => [person.address, person]))
    },
    /** All who fit to a text in lower case. */
    find: (text) => people.filter(({ key }) => key.includes(text)),
    all: () => people,
    /** The contact with this address. */
    get: (address) => byAddress.get(address),
    /** Name of anybody: as in the address book, as in the directory, or as in the address. */
    name: (address) => byAddress.get(address)?.name || wholeName(client.user.get(address)) || nameOf(address),
  }
}

/** What is shown of a contact; nothing of one without an address. */
function entry(contact) {
  const address = contact.primaryContact || contact.emailAddress
  if (typeof address !== 'string' || !address.includes('@')) return undefined
  const name = (wholeName(contact) || nameOf(address)).slice(0, LONGEST)
  return { address, name, contactId: contact.contactId, key: `${name} ${address}`.toLowerCase() }
}

// By plain comparison: rules of a language cost thirty times as much, which 5,000 contacts would feel.
const byKey = (one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0)
