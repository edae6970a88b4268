// One client for the whole application, and the hook that shows it.
import { useSyncExternalStore } from 'react'
import { create } from 'kandy-wasm'

const secure = location.protocol === 'https:'
const here = { server: location.hostname, port: location.port || (secure ? 443 : 80) }

export const client = create({
  logs: { logLevel: 'warn' },
  authentication: {
    subscription: { ...here, protocol: secure ? 'https' : 'http' },
    websocket: { ...here, protocol: secure ? 'wss' : 'ws' },
  },
})

let problem = ''
client.on('auth:error', ({ error }) => (problem = error.message))
client.on('call:error', ({ error }) => (problem = error.message))
client.on('call:start', () => (problem = ''))
client.on('call:receive', () => (problem = ''))

// React wants the same object as long as nothing has changed.
let state = read()
client.subscribe(() => (state = read()))

/** `{ isConnected, isPending, call, problem }`; components that use it are drawn again after every event. */
export function useKandy() {
  return useSyncExternalStore(subscribe, () => state)
}

function subscribe(changed) {
  const listener = () => changed()
  client.subscribe(listener)
  return () => client.unsubscribe(listener)
}

function read() {
  const { isConnected, isPending } = client.getConnection()
  return { isConnected, isPending, problem, call: client.call.getAll().findLast(({ state }) => state !== 'Ended') }
}
