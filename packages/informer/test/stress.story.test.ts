import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { expect, test } from 'vitest';
import { Observer } from './support/observer.ts';
import { running, type Setup, type Thing, thing } from './support/scripted.ts';

/** What really is there, and what the informer has been told of it. */
class World {
  readonly truth = new Map<string, Thing>();
  readonly observers: Observer[] = [];
  readonly removals: Promise<void>[] = [];
  readonly made: Setup;
  #version = 0;

  constructor() {
    this.made = running({ queueSize: 4 });
  }

  observe(delay: () => Promise<void> | undefined): void {
    const observer = new Observer(delay);
    observer.registration = this.made.informer.addEventHandler(observer, { bufferSize: 3 });
    this.observers.push(observer);
  }

  /** Changes one object; the informer hears of it unless the connection is down. */
  async change(name: string, isDeletion: boolean, isHeard: boolean): Promise<void> {
    this.#version += 1;
    const before = this.truth.get(name);
    if (isDeletion && !before) return;
    const obj = thing(name, this.#version, before?.metadata.uid ?? `uid${this.#version}`);
    if (isDeletion) this.truth.delete(name);
    else this.truth.set(name, obj);
    if (!isHeard) return;
    const { store } = this.made.source;
    if (isDeletion) await store.delete(obj);
    else await (before ? store.update(obj) : store.add(obj));
  }

  relist(): Promise<void> {
    const list = [...this.truth.values()];
    return Promise.resolve(this.made.source.store.replace(list, String(this.#version)));
  }
}

const steps = array(
  record({
    what: constantFrom(
      ...(['write', 'write', 'write', 'write', 'delete', 'miss', 'relist'] as const),
      ...(['observe', 'observeSlowly', 'remove', 'restart', 'settle'] as const),
    ),
    name: constantFrom('a', 'b', 'c', 'd', 'e'),
    number: integer({ min: 0, max: 7 }),
  }),
  { minLength: 10, maxLength: 80 },
);

async function play(
  world: World,
  step: { what: string; name: string; number: number },
): Promise<void> {
  const { what, name, number } = step;
  const { made, observers } = world;
  switch (what) {
    case 'miss':
      // A gap ends with a list, as the reflector sees to.
      await world.change(name, number % 2 === 0, false);
      return world.relist();
    case 'relist':
      return world.relist();
    case 'observe':
      return world.observe(() => undefined);
    case 'observeSlowly':
      return world.observe(async () => {
        for (let turn = 0; turn < number; turn += 1) await Promise.resolve();
      });
    case 'remove':
      world.removals.push(
        observers[number % Math.max(observers.length, 1)]?.remove() ?? Promise.resolve(),
      );
      return;
    case 'restart':
      await made.stop();
      made.run();
      return world.relist();
    case 'settle':
      return made.clock.settle();
    default:
      return world.change(name, what === 'delete', true);
  }
}

test('handlers that come and go during any traffic, gap or restart see legal sequences, and those that stay see the truth', async () => {
  await assert(
    asyncProperty(steps, async (script) => {
      const world = new World();
      world.observe(() => undefined);
      world.observe(() => Promise.resolve());
      await world.relist();

      for (const step of script) await play(world, step);
      await Promise.all(world.removals);
      for (let turn = 0; turn < 5; turn += 1) await world.made.clock.settle();

      const { informer, errors, stop } = world.made;
      expect(errors).toEqual([]);
      expect(new Map(informer.lister.list().map((obj) => [obj.metadata.name, obj]))).toEqual(
        world.truth,
      );
      expect(world.observers.flatMap(({ complaints }) => complaints)).toEqual([]);
      const remaining = world.observers.filter(({ isRemoved }) => !isRemoved);
      expect(remaining.map(({ registration }) => registration?.hasSynced)).not.toContain(false);
      for (const { seen } of remaining) expect(seen).toEqual(world.truth);
      await stop();
      expect(world.made.clock.pending).toBe(0);
    }),
    { numRuns: 60 },
  );
});
