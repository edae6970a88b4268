import { useEffect, useRef } from 'react'
import { client, useKandy } from './useKandy.js'

const media = { audio: true, video: true }

export function App() {
  const { isConnected, isPending, call, problem } = useKandy()
  return (
    <>
      <p role="status">{problem || (call ? inWords(call) : isConnected ? 'Signed in.' : isPending ? 'Connecting …' : 'Signed out.')}</p>
      {!isConnected && !isPending && <SignIn />}
      {isConnected && !call && <Dial />}
      {call && <Call {...call} />}
    </>
  )
}

function SignIn() {
  return (
    <form action={(form) => client.connect(Object.fromEntries(form))}>
      <label>User <input name="username" defaultValue="alice@example.com" /></label>
      <label>Password <input name="password" type="password" defaultValue="demo" /></label>
      <button>Sign in</button>
    </form>
  )
}

function Dial() {
  return (
    <form action={(form) => void client.call.make(form.get('other'), media)}>
      <label>Whom <input name="other" defaultValue="bob@example.com" /></label>
      <button>Call</button>
    </form>
  )
}

function Call({ id, direction, state, remoteTracks }) {
  return (
    <>
      {direction === 'incoming' && state === 'Ringing' && <button onClick={() => client.call.answer(id, media)}>Answer</button>}
      <button onClick={() => client.call.end(id)}>Hang up</button>
      <Tracks ids={remoteTracks} />
    </>
  )
}

/** Shows tracks. The client puts their elements into the box, and takes them out when they end; React leaves the box alone. */
function Tracks({ ids }) {
  const box = useRef(null)
  useEffect(() => client.media.renderTracks(ids, box.current), [ids])
  return <div id="remote" ref={box} />
}

function inWords({ state, direction, remoteParticipant }) {
  if (state === 'Ringing' && direction === 'incoming') return `${remoteParticipant.displayNumber} is calling.`
  return `${state}: ${remoteParticipant.displayNumber}`
}
