// Where tracks are shown. The engine knows a place by its CSS selector; an application may also hold the element itself.

/** A CSS selector, of which the first match counts, or an element. */
export type Container = string | Element;

/**
 * The selector of a place. An element is known as `#id` if the page finds it under its id, and otherwise by an attribute that
 * it is given here. An element that is not in the page's document, or inside a shadow root, is found by neither.
 *
 * @param container what the application gave
 * @returns nothing for what is neither text nor element
 */
export function selectorOf(container: unknown): string | undefined {
  if (typeof container === 'string') return container;
  if (!isElement(container)) return undefined;
  // Not the property `id`, which is a field of that name in some forms.
  const known = [select('id', container), select(MARK, container)].find((selector) => selector && found(selector, container));
  if (known) return known;
  // Random, because a page may have loaded this module twice.
  container.setAttribute(MARK, Math.random().toString(36).slice(2));
  return select(MARK, container);
}

const MARK = 'data-kandy-container';

function select(attribute: string, element: Element): string | undefined {
  const value = element.getAttribute(attribute);
  if (!value) return undefined;
  return attribute === 'id' ? `#${CSS.escape(value)}` : `[${attribute}="${value}"]`;
}

/** A copy of an element has the attributes of the original. */
function found(selector: string, element: Element): boolean {
  return document.querySelector(selector) === element;
}

// Elements of frames are instances of other classes.
function isElement(value: unknown): value is Element {
  return typeof (value as Element | null | undefined)?.setAttribute === 'function';
}
