// One client for the whole application, and the composable that shows it.
import { readonly, shallowRef } from 'vue'
import { create } from 'kandy-wasm'

const secure = location.protocol === 'https:'
const here = { server: location.hostname, port: location.port || (secure ? 443 : 80) }

const client = create({
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

const state = shallowRef(read())
client.subscribe(() => (state.value = read()))

/** The client, and `{ isConnected, isPending, call, problem }`, new after every event. */
export function useKandy() {
  return { client, state: readonly(state) }
}

/** Shows tracks: `<div v-tracks="ids">`. The client puts their elements into the box, and takes them out when they end. */
export const vTracks = (box, { value }) => client.media.renderTracks(value, box)

function read() {
  const { isConnected, isPending } = client.getConnection()
  return { isConnected, isPending, problem, call: client.call.getAll().findLast(({ state }) => state !== 'Ended') }
}
