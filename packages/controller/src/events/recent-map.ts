/** A map that holds so many entries at most; of more, those go that were used least recently. */
export class RecentMap<V> {
  readonly #limit: number;
  readonly #onEvicted: (value: V) => void;
  readonly #map = new Map<string, V>();

  constructor(limit: number, onEvicted: (value: V) => void = () => {}) {
    this.#limit = limit;
    this.#onEvicted = onEvicted;
  }

  get size(): number {
    return this.#map.size;
  }

  /** What is there, and counts as used now. */
  get(key: string): V | undefined {
    const value = this.#map.get(key);
    if (value !== undefined) this.#touch(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#touch(key, value);
    if (this.#map.size <= this.#limit) return;
    const [oldest] = this.#map;
    if (!oldest) return;
    this.#map.delete(oldest[0]);
    this.#onEvicted(oldest[1]);
  }

  delete(key: string): void {
    this.#map.delete(key);
  }

  values(): V[] {
    return [...this.#map.values()];
  }

  #touch(key: string, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
  }
}
