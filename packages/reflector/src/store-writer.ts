import type { ObjectLike } from '@kubeloop/cache-store';
import { handleRejection } from './answers.ts';
import { shown } from './checks.ts';
import { EventLoopTurns } from './event-loop.ts';
import { StoreError } from './errors.ts';
import { messageOf } from './message-of.ts';
import type { EventSink, ReflectorStore } from './sink.ts';

/** Changes an object before it is stored, for example drops what nobody reads. Must be quick, must not change its argument's identity (name, namespace, uid, version). */
export type Transform<T> = (obj: T) => T;

/** What happened to one object on its way into the store. */
export type SkipReporter = (error: unknown, phase: 'transform' | 'store') => void;

/**
 * The way into the store: one call at a time, objects transformed, failures of single events reported and skipped,
 * failures of `replace` and `resync` thrown as {@link StoreError}.
 */
export class StoreWriter<T extends ObjectLike> implements EventSink<T> {
  readonly #store: ReflectorStore<T>;
  readonly #transform: Transform<T> | undefined;
  readonly #name: string;
  readonly #onSkip: SkipReporter;
  /** Ends when the call that was made last has ended. Never rejects. */
  #previous: Promise<void> | undefined;

  constructor(
    store: ReflectorStore<T>,
    options: {
      readonly transform: Transform<T> | undefined;
      readonly name: string;
      readonly onSkip: SkipReporter;
    },
  ) {
    this.#store = store;
    this.#transform = options.transform;
    this.#name = options.name;
    this.#onSkip = options.onSkip;
  }

  add(obj: T): void | Promise<void> {
    const transformed = this.tryTransform(obj);
    if (transformed) return this.#try(() => this.#store.add(transformed));
  }

  update(obj: T): void | Promise<void> {
    const transformed = this.tryTransform(obj);
    if (transformed) return this.#try(() => this.#store.update(transformed));
  }

  /** An object that cannot be transformed is deleted as it is: to keep it would be worse. */
  delete(obj: T): void | Promise<void> {
    const last = this.tryTransform(obj) ?? obj;
    return this.#try(() => this.#store.delete(last));
  }

  bookmark(resourceVersion: string): void | Promise<void> {
    return this.#try(() => this.#store.bookmark?.(resourceVersion));
  }

  updateResourceVersion(resourceVersion: string): void {
    try {
      this.#store.updateResourceVersion?.(resourceVersion);
    } catch (error) {
      this.#onSkip(error, 'store');
    }
  }

  /** Takes objects that have been prepared. */
  async replace(list: readonly T[], resourceVersion: string): Promise<void> {
    try {
      await this.#alone(() => this.#store.replace(list, resourceVersion));
    } catch (error) {
      throw new StoreError('replace', this.#name, error);
    }
  }

  async resync(): Promise<void> {
    try {
      await this.#alone(() => this.#store.resync());
    } catch (error) {
      throw new StoreError('resync', this.#name, error);
    }
  }

  /** What to replace with, of a part of a list. @throws {@link StoreError} when an object cannot be transformed or prepared */
  async prepareAll(list: readonly T[]): Promise<T[]> {
    const turns = new EventLoopTurns();
    const items: T[] = [];
    try {
      for (const obj of list) {
        items.push(this.#prepared(transformedBy(this.#transform, obj)));
        if (turns.isOver) await turns.yield();
      }
    } catch (error) {
      throw new StoreError('replace', this.#name, error);
    }
    return items;
  }

  /** As {@link prepareAll}, but what cannot be transformed is reported and `undefined`. */
  tryPrepare(obj: T): T | undefined {
    const transformed = this.tryTransform(obj);
    if (transformed === undefined) return undefined;
    try {
      return this.#prepared(transformed);
    } catch (error) {
      throw new StoreError('replace', this.#name, error);
    }
  }

  /** The transformed object, or `undefined` after reporting that the transform failed. */
  tryTransform(obj: T): T | undefined {
    try {
      return transformedBy(this.#transform, obj);
    } catch (error) {
      this.#onSkip(error, 'transform');
      return undefined;
    }
  }

  #prepared(obj: T): T {
    return this.#store.prepare ? this.#store.prepare(obj) : obj;
  }

  /** Answers no promise when the store does not either, as most do: there are many events. */
  #try(call: () => void | Promise<void>): void | Promise<void> {
    if (this.#previous) return this.#tryLater(call);
    try {
      const running = call();
      return running && this.#tryLater(() => running);
    } catch (error) {
      this.#onSkip(error, 'store');
    }
  }

  async #tryLater(call: () => void | Promise<void>): Promise<void> {
    try {
      await this.#alone(call);
    } catch (error) {
      this.#onSkip(error, 'store');
    }
  }

  /** Makes one call after all earlier ones have ended. */
  async #alone(call: () => void | Promise<void>): Promise<void> {
    while (this.#previous) await this.#previous;
    const running = call();
    if (!running) return;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#previous = ended;
    try {
      await running;
    } finally {
      if (this.#previous === ended) this.#previous = undefined;
      end();
    }
  }
}

/** What the transform makes of an object. Names the object when it fails, is asynchronous or answers no object. */
function transformedBy<T extends ObjectLike>(transform: Transform<T> | undefined, obj: T): T {
  if (!transform) return obj;
  let answer: T;
  try {
    answer = transform(obj);
  } catch (error) {
    throw new Error(`Cannot transform "${nameOf(obj)}": ${messageOf(error)}`, { cause: error });
  }
  // The failure of the transform is that it is asynchronous; what it rejects with comes second.
  const isPromise = handleRejection(answer, () => {});
  if (isPromise || typeof answer !== 'object' || answer === null) {
    const kind = isPromise ? 'a promise' : shown(answer);
    throw new TypeError(
      `Cannot transform "${nameOf(obj)}": the transform must return an object, not ${kind}`,
    );
  }
  return answer;
}

/** What an object is called in errors, be it ever so broken. */
function nameOf(obj: ObjectLike | undefined): string {
  const { namespace, name } = obj?.metadata ?? {};
  return namespace ? `${namespace}/${name}` : (name ?? '');
}
