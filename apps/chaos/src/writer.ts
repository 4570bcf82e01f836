import { setTimeout as sleep } from 'node:timers/promises';

import type { HttpApi } from './http-api.ts';
import type { Random } from './random.ts';
import { collectionPath, objectOf } from './resource-path.ts';
import type { SubjectResource } from './subject-protocol.ts';

/** What {@link Writer} needs. */
export interface WriterOptions {
  readonly api: Pick<HttpApi, 'call'>;
  readonly resources: readonly SubjectResource[];
  /** The namespaces that objects are spread over; they exist. */
  readonly namespaces: readonly string[];
  /** How many objects there are about. */
  readonly objects: number;
  readonly random: Random;
}

/** One place for an object, which comes and goes. Only one worker touches it. */
interface Slot {
  readonly resource: SubjectResource;
  readonly namespace: string;
  readonly name: string;
  state: 'absent' | 'present' | 'unknown';
}

/** How many requests are under way at a time. */
const workers = 6;

/**
 * Creates, changes and deletes objects in bursts, straight at the server and never through the proxy.
 *
 * Every object carries the number of the write that made it, in `data.version` or `spec.version`, and when that was.
 * Requests that fail are forgotten: what really happened shows at the next write to the same object and in every audit.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #slots: Slot[] = [];
  #version = 0;
  #failures = 0;
  #isRunning = false;
  #isStopped = false;
  #burst: Promise<void> = Promise.resolve();

  constructor(options: WriterOptions) {
    this.#options = options;
    const { resources, namespaces, objects } = options;
    // About one in ten is deleted at any time.
    const count = Math.floor((objects * 11) / 10);
    for (let index = 0; index < count; index += 1) {
      const resource = resources[index % resources.length];
      const namespace = namespaces[Math.floor(index / resources.length) % namespaces.length];
      if (resource === undefined || namespace === undefined) continue;
      this.#slots.push({ resource, namespace, name: `object-${index}`, state: 'absent' });
    }
  }

  /** How many writes the server has confirmed. */
  get writes(): number {
    return this.#version - this.#failures;
  }

  /** How many requests failed, which control plane faults make natural. */
  get failures(): number {
    return this.#failures;
  }

  /** Creates nine in ten objects. */
  async populate(): Promise<void> {
    const slots = this.#slots.filter((_slot, index) => index % 11 !== 10);
    await this.#inParallel(slots, (slot) => this.#create(slot));
  }

  /** Forgets what is known of a resource whose objects have all gone, as with its definition. */
  forget(plural: string): void {
    for (const slot of this.#slots) if (slot.resource.plural === plural) slot.state = 'unknown';
  }

  /** Creates nine in ten objects of one resource again. */
  async refill(plural: string): Promise<void> {
    const slots = this.#slots.filter(
      (slot, index) => slot.resource.plural === plural && index % 11 !== 10,
    );
    await this.#inParallel(slots, (slot) => this.#create(slot));
  }

  /** Writes in bursts from now on, until {@link Writer.quiesce}. */
  resume(): void {
    if (this.#isRunning || this.#isStopped) return;
    this.#isRunning = true;
    this.#burst = this.#run();
  }

  /** Stops writing; resolves when no request is under way. */
  async quiesce(): Promise<void> {
    this.#isRunning = false;
    await this.#burst;
  }

  /** Writes so many times, whether running or not. */
  async burst(count: number): Promise<void> {
    const { random } = this.#options;
    const chosen = new Set<Slot>();
    for (let index = 0; index < count; index += 1) chosen.add(random.pick(this.#slots));
    const tasks = [...chosen].map((slot) => ({ slot, dice: random.integer(0, 99) }));
    await this.#inParallel(tasks, ({ slot, dice }) => this.#write(slot, dice));
  }

  async #run(): Promise<void> {
    const { random } = this.#options;
    while (this.#isRunning) {
      await this.burst(random.integer(10, 40));
      if (this.#isRunning) await sleep(random.integer(20, 120));
    }
  }

  async #inParallel<T>(tasks: readonly T[], work: (task: T) => Promise<void>): Promise<void> {
    const left = tasks[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      for (const task of left) await work(task);
    };
    await Promise.all(Array.from({ length: workers }, worker));
  }

  async #write(slot: Slot, dice: number): Promise<void> {
    if (slot.state !== 'present') return this.#create(slot);
    if (dice < 80) return this.#change(slot);
    await this.#delete(slot);
    // The same name with another uid, at once.
    if (dice >= 93) await this.#create(slot);
  }

  async #create(slot: Slot): Promise<void> {
    const body = objectOf(slot.resource, slot, this.#mark());
    const status = await this.#ask(
      slot,
      'POST',
      collectionPath(slot.resource, slot.namespace),
      body,
    );
    if (status === 201 || status === 409) slot.state = 'present';
  }

  async #change(slot: Slot): Promise<void> {
    const body = objectOf(slot.resource, undefined, this.#mark());
    const status = await this.#ask(slot, 'PATCH', pathOf(slot), body);
    if (status === 404) slot.state = 'absent';
  }

  async #delete(slot: Slot): Promise<void> {
    this.#mark();
    const status = await this.#ask(slot, 'DELETE', pathOf(slot));
    if (status === 200 || status === 404) slot.state = 'absent';
  }

  #mark(): number {
    this.#version += 1;
    return this.#version;
  }

  async #ask(
    slot: Slot,
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<number> {
    const answer = await this.#options.api
      .call({ method, path, ...(body === undefined ? {} : { body }) })
      .catch(() => undefined);
    const status = answer?.status ?? 0;
    const isSettled = (status >= 200 && status < 300) || status === 404 || status === 409;
    if (isSettled) return status;
    this.#failures += 1;
    slot.state = 'unknown';
    return status;
  }
}

function pathOf({ resource, namespace, name }: Slot): string {
  return `${collectionPath(resource, namespace)}/${name}`;
}
