// A list that draws only what is seen of it, for contacts and for messages. It knows how many items there are and how high each is;
// what an item is, it asks for when it draws it.

import { element } from './dom.js'

/** Items drawn before and after those that are seen. */
const BEYOND = 8

/** Pixels from the end within which the list is at its end: positions are not whole numbers everywhere. */
const AT_END = 2

/** Times that a draw is repeated because items were higher or lower than thought. */
const ROUNDS = 4

/**
 * Makes `scroller` such a list.
 *
 * `height`: pixels of an item that was never seen. `items(from, count)`: what is to be drawn, a list of `{ key, … }`.
 * `fill(item, element)`: the element for it, new or, where there was one with its key, that one filled anew.
 * `keepEnd`: whoever is at the end stays there when it grows. `onScroll()`: draws anew, in place of
 * the list alone; `onDraw()`: it was drawn.
 */
export function virtualList(scroller, { height, items, fill, keepEnd = false, onScroll, onDraw = () => {} }) {
  const inner = element('div', 'inner')
  scroller.append(inner)
  let heights = []
  let drawn = new Map()
  let from = 0
  let follow = false

  const at = (top) => {
    let index = 0
    for (let sum = 0; index < heights.length; index += 1) {
      sum += heights[index]
      if (sum > top) break
    }
    return Math.min(index, Math.max(0, heights.length - 1))
  }
  const above = (index) => {
    let sum = 0
    for (let n = 0; n < index; n += 1) sum += heights[n]
    return sum
  }
  const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END

  scroller.addEventListener('scroll', () => {
    follow = keepEnd && isAtEnd()
    if (onScroll) onScroll()
    else draw()
  }, { passive: true })
  new ResizeObserver(() => draw()).observe(scroller)

  return {
    /**
     * There are `count` items now. `before`: how many of them are new at the beginning, or gone from it if negative; what is seen
     * stays where it is. `toEnd`: from now on the end is shown, until somebody scrolls away from it.
     */
    update(count, { before = 0, toEnd = false } = {}) {
      if (before > 0) heights = [...new Array(before).fill(height), ...heights]
      if (before < 0) heights = heights.slice(-before)
      const moved = before * height
      while (heights.length < count) heights.push(height)
      heights.length = count
      follow = follow || toEnd
      if (before && !follow) {
        size()
        scroller.scrollTop += moved
      }
      draw()
    },
    /** Begins anew: all heights are forgotten. */
    reset() {
      heights = []
      drawn = new Map()
      inner.replaceChildren()
      follow = false
      scroller.scrollTop = 0
    },
    /** Draws what is seen once more. */
    draw,
    /** Shows the end. */
    toEnd() {
      follow = true
      draw()
    },
    isAtEnd: () => follow || isAtEnd(),
    /** The place of the first item that is seen. */
    first: () => at(scroller.scrollTop),
  }

  function size() {
    inner.style.height = `${above(heights.length)}px`
  }

  function draw() {
    if (scroller.clientHeight === 0) return
    for (let round = 0; round < ROUNDS && drawOnce(); round += 1);
    onDraw()
  }

  /** Draws what is seen; true if that moved it, so that it has to be looked at again. */
  function drawOnce() {
    if (follow) scroller.scrollTop = scroller.scrollHeight
    const top = scroller.scrollTop
    const first = at(top)
    const last = at(top + scroller.clientHeight)
    from = Math.max(0, first - BEYOND)
    const count = Math.min(heights.length, last + 1 + BEYOND) - from
    place(count > 0 ? items(from, count) : [])
    const offset = above(from)
    inner.style.paddingTop = `${offset}px`
    const shift = measure(first)
    size()
    if (follow) {
      const before = scroller.scrollTop
      scroller.scrollTop = scroller.scrollHeight
      return scroller.scrollTop !== before
    }
    if (shift) scroller.scrollTop = top + shift
    return Boolean(shift)
  }

  /** Puts the elements in; those that were there stay the same. */
  function place(list) {
    const focused = inner.contains(document.activeElement) ? document.activeElement : null
    const next = new Map()
    for (const item of list) next.set(item.key, fill(item, drawn.get(item.key)))
    const wanted = [...next.values()]
    for (const [key, old] of drawn) if (next.get(key) !== old) old.remove()
    wanted.forEach((one, n) => {
      if (inner.children[n] !== one) inner.insertBefore(one, inner.children[n] ?? null)
    })
    drawn = next
    // Whoever works by keyboard does not fall off the list when the focused item goes out of sight.
    if (focused && !inner.contains(focused)) scroller.focus({ preventScroll: true })
  }

  /** Notes how high the items are. Returns by how much those above the first one that is seen are higher than thought. */
  function measure(first) {
    let shift = 0
    const tall = [...inner.children].map((one) => one.getBoundingClientRect().height)
    tall.forEach((pixels, n) => {
      const index = from + n
      if (Math.abs(pixels - heights[index]) < 0.5) return
      if (index < first) shift += pixels - heights[index]
      heights[index] = pixels
    })
    return Math.round(shift)
  }
}
