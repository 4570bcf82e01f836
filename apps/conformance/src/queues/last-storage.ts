import type { Storage } from '@kubeloop/workqueue';

/** Hands out what was added last; what is added again becomes the last one. The recorder has the same one. */
export class LastStorage<T> implements Storage<T> {
  #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  touch(item: T): void {
    this.#items = [...this.#items.filter((other) => other !== item), item];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  pop(): T {
    // Only called when there is one.
    return this.#items.pop() as T;
  }
}
