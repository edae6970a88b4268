// What hears events. Not the EventTarget of the runtime: Node's and jsdom's take no events of each other.

type Hears = ((event: FakeEvent) => void) | { handleEvent(event: FakeEvent): void };

/** What a listener gets. */
export interface FakeEvent {
  type: string;
  target: Target;
  [member: string]: unknown;
}

/** A target of events: listeners, and functions in members such as `onopen`. */
export class Target {
  readonly #listeners = new Map<string, { hears: Hears; once: boolean }[]>();

  /** As in browsers: the same listener of one kind is there once. */
  addEventListener(type: string, hears: Hears | null, options?: boolean | { once?: boolean }): void {
    const known = this.#listeners.get(type) ?? [];
    if (!hears || known.some((listener) => listener.hears === hears)) return;
    this.#listeners.set(type, [...known, { hears, once: typeof options === 'object' && options.once === true }]);
  }

  removeEventListener(type: string, hears: Hears | null): void {
    const known = this.#listeners.get(type) ?? [];
    this.#listeners.set(type, known.filter((listener) => listener.hears !== hears));
  }

  dispatchEvent(event: { type: string }): boolean {
    this.tell(event.type, { ...event });
    return true;
  }

  /** Tells the listeners of an event with these members. */
  protected tell(type: string, members: Record<string, unknown> = {}): void {
    const event: FakeEvent = { ...members, type, target: this };
    const handler = (this as Record<string, unknown>)[`on${type}`];
    if (typeof handler === 'function') handler.call(this, event);
    for (const { hears, once } of this.#listeners.get(type) ?? []) {
      if (once) this.removeEventListener(type, hears);
      if (typeof hears === 'function') hears.call(this, event);
      else hears.handleEvent(event);
    }
  }
}
