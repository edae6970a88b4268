// Small helpers for elements. Text goes in as text, never as HTML.

export const $ = (id) => document.getElementById(id)

/** An element with a class, attributes or properties, and what is in it: texts and elements. */
export function element(name, className = '', members = {}, ...content) {
  const made = document.createElement(name)
  made.className = className
  for (const [key, value] of Object.entries(members)) {
    if (key in made) made[key] = value
    else made.setAttribute(key, value)
  }
  made.append(...content)
  return made
}

const SVG = 'http://www.w3.org/2000/svg'

/** One of the symbols of the page. */
export function icon(name) {
  const [svg, use] = ['svg', 'use'].map((tag) => document.createElementNS(SVG, tag))
  use.setAttribute('href', `#i-${name}`)
  svg.setAttribute('aria-hidden', 'true')
  svg.append(use)
  return svg
}

/** A round button that has an icon alone; its label is for everybody who does not see it, and a hint for those who do. */
export function iconButton(name, className, action) {
  const made = element('button', className, { type: 'button' }, icon(name))
  made.addEventListener('click', action)
  return made
}

/** Names a button. Writing the same again would make screen readers speak. */
export function label(button, text) {
  if (button.getAttribute('aria-label') === text) return
  button.setAttribute('aria-label', text)
  button.title = text
}

/** Writes a text if it is another one. */
export function write(place, text) {
  if (place.textContent !== text) place.textContent = text
}

/** Sets attributes where they differ; null takes one away. */
export function mark(place, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) place.removeAttribute(name)
    else if (place.getAttribute(name) !== String(value)) place.setAttribute(name, value)
  }
}

/** Returns a function that has `draw` run once before the next picture, however often it is called until then. */
export function oncePerFrame(draw) {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    // A page in the background gets no frames.
    const after = document.hidden ? (run) => setTimeout(run, 200) : requestAnimationFrame
    after(() => {
      waiting = false
      draw()
    })
  }
}
