import type { Clock, ClockTimer } from '../clock.ts';
import type { Storage } from '../storage/storage.ts';
import type { Watcher } from './watcher.ts';

/** Hands each change to the watches of its resource, in order. */
export class WatchHub {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #bookmarkIntervalMs: number;
  readonly #byTable = new Map<string, Set<Watcher>>();
  #timer: ClockTimer | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(options: {
    readonly storage: Storage;
    readonly clock: Clock;
    readonly bookmarkIntervalMs: number;
  }) {
    this.#storage = options.storage;
    this.#clock = options.clock;
    this.#bookmarkIntervalMs = options.bookmarkIntervalMs;
  }

  /** How many watches are open. */
  get size(): number {
    let size = 0;
    for (const watchers of this.#byTable.values()) size += watchers.size;
    return size;
  }

  start(): void {
    this.#unsubscribe = this.#storage.subscribe((table, change) => {
      for (const watcher of this.#byTable.get(table.id) ?? []) watcher.offer(change);
    });
    this.#tick();
  }

  add(watcher: Watcher): void {
    const { storageId } = watcher.selection.resource;
    let watchers = this.#byTable.get(storageId);
    if (watchers === undefined) {
      watchers = new Set();
      this.#byTable.set(storageId, watchers);
    }
    watchers.add(watcher);
  }

  remove(watcher: Watcher): void {
    this.#byTable.get(watcher.selection.resource.storageId)?.delete(watcher);
  }

  /** Ends the watches of one resource, as when its definition is deleted. */
  endResource(storageId: string): void {
    for (const watcher of this.#byTable.get(storageId) ?? []) watcher.end();
  }

  /** Ends every watch. */
  stop(): void {
    this.#timer?.cancel();
    this.#unsubscribe?.();
    this.endAll();
  }

  /** Ends every watch that is open; new ones may follow. */
  endAll(): void {
    for (const watchers of this.#byTable.values()) {
      for (const watcher of watchers) watcher.end();
    }
  }

  #tick(): void {
    this.#timer = this.#clock.setTimeout(() => {
      for (const watchers of this.#byTable.values()) {
        for (const watcher of watchers) watcher.bookmark(this.#storage.resourceVersion);
      }
      this.#tick();
    }, this.#bookmarkIntervalMs);
  }
}
