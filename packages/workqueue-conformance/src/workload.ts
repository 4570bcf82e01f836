import assert from 'node:assert/strict';
import type { AllAbilities } from './abilities.ts';
import type { Handle } from './handle.ts';
import { Ledger, runCrew } from './ledger.ts';
import { Random } from './random.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';

/** Many producers and workers at a time. */
export function workloadContract({ abilities, hasHandles, test }: Section): void {
  for (const kind of ['plain shutdown', 'drain'] as const) {
    test(`50 producers and 10 workers: nothing is lost and nothing runs twice at a time (${kind})`, (stage) =>
      manyProducers(stage, kind));
    test(`10 workers add the item again that they hold: it comes again, never at the same time (${kind})`, (stage) =>
      selfishWorkers(stage, kind));
  }

  test('a random workload loses no addition, and no item is with two workers', async (stage) => {
    await randomWorkload(stage, [await stage.open()]);
  });

  if (hasHandles)
    test('a random workload from two handles loses no addition, and no item is with two workers', async (stage) => {
      await randomWorkload(stage, await stage.openTwo());
    });

  if (abilities.keepsAfterShutdown)
    test('a random workload loses no addition although one of two handles shuts down', async (stage) => {
      const handles = await stage.openTwo();
      await randomWorkload(stage, handles, { leaver: handles[0] });
    });
}

async function manyProducers(stage: Stage, kind: 'plain shutdown' | 'drain'): Promise<void> {
  const queue = await stage.open();
  const { pace, abilities } = stage;
  const ledger = new Ledger();
  const crew = runCrew(ledger, [queue], { count: 10, work: noWork, pace });
  const each = pace.isFake ? 50 : 6;

  await Promise.all(
    Array.from({ length: 50 }, async (_, producer) => {
      for (let number = 0; number < each; number += 1) {
        const item = `${producer % 25}/${number}`;
        await ledger.added(item, () => queue.add(item));
        if (producer % 7 === 0) await pace.breathe();
      }
    }),
  );
  if (!abilities.handsOutAfterShutdown) await settled(stage, ledger);
  await stop(stage, queue, kind);
  await queue.add('added after shutdown');
  await pace.soon('the end of the workers', crew);

  ledger.check();
  assert.equal(ledger.runs.size, 25 * each);
}

async function selfishWorkers(stage: Stage, kind: 'plain shutdown' | 'drain'): Promise<void> {
  const queue = await stage.open();
  const ledger = new Ledger();
  const wanted = 10;
  // Fewer than workers, so that somebody waits for what is in work.
  const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const work = async (item: string, by: Handle): Promise<void> => {
    if ((ledger.runs.get(item) ?? 0) + 1 < wanted) await ledger.added(item, () => by.add(item));
  };
  for (const item of items) await ledger.added(item, () => queue.add(item));
  const crew = runCrew(ledger, [queue], { count: 10, work, pace: stage.pace });

  await stage.pace.until('the last run of each item', () =>
    items.every((item) => (ledger.runs.get(item) ?? 0) >= wanted),
  );
  await stop(stage, queue, kind);
  await stage.pace.soon('the end of the workers', crew);

  ledger.check();
  assert.deepEqual(
    [...ledger.runs.values()],
    items.map(() => wanted),
  );
}

/** How often a random workload adds and comes to rest, and how much each producer adds in between. */
const rounds = { fake: 100, real: 4 };
const additionsPerRound = 6;

/** Adds in every way that the engine has, at every handle, while workers of every handle work. A loss shows when all comes to rest. */
async function randomWorkload(
  stage: Stage,
  handles: readonly Handle[],
  { leaver }: { readonly leaver?: Handle } = {},
): Promise<void> {
  const { abilities, seed, pace } = stage;
  const random = new Random(seed);
  const ledger = new Ledger();
  const work = async (item: string, by: Handle): Promise<void> => {
    if (random.below(4) === 0) await pace.breathe();
    if (abilities.retries) await by.forget(item);
  };
  const crew = runCrew(ledger, handles, { count: 6, work, pace });
  const count = pace.isFake ? rounds.fake : rounds.real;
  try {
    for (let round = 0; round < count; round += 1) {
      const producers = handles.filter((handle) => !handle.shuttingDown);
      await Promise.all(
        producers.flatMap((handle) => [
          produce(stage, handle, { ledger, random }),
          produce(stage, handle, { ledger, random }),
        ]),
      );
      if (round >= count / 2) await leaver?.shutDown();
      await settled(stage, ledger);
    }
    for (const handle of handles) await handle.shutDown();
    await pace.soon('the end of the workers', crew);
    ledger.check();
  } catch (error) {
    const { message } = error instanceof Error ? error : { message: String(error) };
    throw new Error(`${message}\nGive the option seed: ${seed} to repeat this workload`, {
      cause: error,
    });
  }
}

async function produce(
  stage: Stage,
  handle: Handle,
  { ledger, random }: { ledger: Ledger; random: Random },
): Promise<void> {
  for (let count = 0; count < additionsPerRound; count += 1) {
    await addSomehow(stage, handle, { ledger, random, item: `item-${random.below(8)}` });
    if (random.below(3) === 0) await stage.pace.breathe();
  }
}

interface Addition {
  readonly ledger: Ledger;
  readonly random: Random;
  readonly item: string;
}

function addSomehow(stage: Stage, queue: Handle, addition: Addition): Promise<void> {
  const { item, ledger, random } = addition;
  const ways = waysToAdd(stage, queue, addition);
  const way = ways[random.below(ways.length * 2)] ?? (() => queue.add(item));
  return ledger.added(item, way);
}

function waysToAdd(
  { abilities, delayMs }: { abilities: AllAbilities; delayMs: number },
  queue: Handle,
  { item, random }: Addition,
): readonly (() => Promise<void>)[] {
  const ways = [() => queue.add(item, { priority: random.below(5) })];
  if (abilities.delays) ways.push(() => queue.addAfter(item, random.below(delayMs / 4)));
  // Seldom: after a hundred of them within seconds, the default limiter lets all that failed wait.
  if (abilities.retries && random.below(5) === 0) ways.push(() => queue.addRateLimited(item));
  return ways;
}

/** Waits until every item has run since it was last added. */
async function settled(stage: Stage, ledger: Ledger): Promise<void> {
  for (let round = 0; round < 40 && ledger.owed.length > 0; round += 1)
    await stage.pace.pass(stage.delayMs / 10);
  await stage.pace.until('a run after each addition', () => ledger.owed.length === 0);
}

async function stop(stage: Stage, queue: Handle, kind: 'plain shutdown' | 'drain'): Promise<void> {
  if (kind === 'drain') await stage.pace.soon('the end of the drain', queue.drain());
  else await queue.shutDown();
}

async function noWork(): Promise<void> {}
