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
  const wanted = 4;
  const items = Array.from({ length: stage.pace.isFake ? 50 : 20 }, (_, number) => `${number}`);
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

/** Adds in every way that the engine has, at every handle, while workers of every handle work. */
async function randomWorkload(
  stage: Stage,
  handles: readonly Handle[],
  { leaver }: { readonly leaver?: Handle } = {},
): Promise<void> {
  const { seed, pace } = stage;
  const random = new Random(seed);
  const ledger = new Ledger();
  const stayer = handles.find((handle) => handle !== leaver);
  let isEnding = false;
  const work = async (item: string): Promise<void> => {
    if (random.below(4) === 0) await pace.breathe();
    if (stayer && !isEnding && random.below(8) === 0)
      await addSomehow(stage, stayer, { ledger, random, item });
  };
  const crew = runCrew(ledger, handles, { count: 6, work, pace });
  try {
    await produce(stage, handles, { ledger, random, leaver });
    isEnding = true;
    await settled(stage, ledger);
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
  handles: readonly Handle[],
  { ledger, random, leaver }: { ledger: Ledger; random: Random; leaver: Handle | undefined },
): Promise<void> {
  const producer = async (handle: Handle, additions: number): Promise<void> => {
    for (let count = 0; count < additions; count += 1) {
      await addSomehow(stage, handle, { ledger, random, item: `item-${random.below(12)}` });
      if (random.below(3) === 0) await stage.pace.breathe();
    }
  };
  const producers = async (handle: Handle): Promise<void> => {
    const additions = (stage.pace.isFake ? 200 : 40) / (handle === leaver ? 2 : 1);
    await Promise.all([producer(handle, additions), producer(handle, additions)]);
    if (handle === leaver) await handle.shutDown();
  };
  const producing = Promise.all(handles.map((handle) => producers(handle)));
  while (!(await stage.pace.settles(producing))) await stage.pace.pass(stage.delayMs / 10);
  await producing;
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
  if (abilities.delays) ways.push(() => queue.addAfter(item, random.below(delayMs)));
  if (abilities.retries)
    ways.push(async () => {
      await queue.addRateLimited(item);
      // Lest the delays grow.
      await queue.forget(item);
    });
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
