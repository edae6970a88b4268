// A login, a call, and its end. What is shown is read from the client after every event, so the page cannot disagree with it.
import { create } from '/kandy-wasm/index.js'

const media = { audio: true, video: true }
const secure = location.protocol === 'https:'
const here = { server: location.hostname, port: location.port || (secure ? 443 : 80) }
const client = create({
  logs: { logLevel: 'warn' },
  authentication: {
    subscription: { ...here, protocol: secure ? 'https' : 'http' },
    websocket: { ...here, protocol: secure ? 'wss' : 'ws' },
  },
})

let problem = '' // the last one, until something else is tried

const $ = (selector) => document.querySelector(selector)
const current = () => client.call.getAll().findLast(({ state }) => state !== 'Ended')

$('#sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  problem = ''
  client.connect(Object.fromEntries(new FormData(event.target)))
})
$('#dial').addEventListener('submit', (event) => {
  event.preventDefault()
  problem = ''
  client.call.make(new FormData(event.target).get('other'), media)
})
$('#answer').addEventListener('click', () => client.call.answer(current().id, media))
$('#hang-up').addEventListener('click', () => client.call.end(current().id))

client.on('auth:error', ({ error }) => (problem = error.message))
client.on('call:error', ({ error }) => (problem = error.message))
client.subscribe(show)

function show() {
  const { isConnected, isPending } = client.getConnection()
  const call = current()
  $('#sign-in').hidden = isConnected || isPending
  $('#dial').hidden = !isConnected || call !== undefined
  $('#answer').hidden = !(call?.direction === 'incoming' && call.state === 'Ringing')
  $('#hang-up').hidden = call === undefined
  $('[role=status]').textContent = problem || (call ? inWords(call) : isConnected ? 'Signed in.' : isPending ? 'Connecting …' : 'Signed out.')
  // Rendering a track twice does nothing, and a track that has ended leaves by itself.
  if (call) client.media.renderTracks(call.remoteTracks, '#remote')
}

function inWords({ state, direction, remoteParticipant }) {
  if (state === 'Ringing' && direction === 'incoming') return `${remoteParticipant.displayNumber} is calling.`
  return `${state}: ${remoteParticipant.displayNumber}`
}
