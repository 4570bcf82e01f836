import { describe, expect, test } from 'vitest';
import { Rig } from './open-fake.ts';

const members = 'wq.pods.v1.n4.members';

/** Says something as another process would. */
async function say(rig: Rig, body: string): Promise<void> {
  rig.broker.route({ exchange: members, routingKey: '', body });
  await rig.settle();
}

const announced = (more: object): string =>
  JSON.stringify({ id: 'other', losses: 0, subscribed: [0], owned: [], word: 'here', ...more });

describe('the announcements', () => {
  test.each([
    ['nothing', ''],
    ['a number', '7'],
    ['null', 'null'],
    ['no name', announced({ id: 7 })],
    ['partitions that are none', announced({ subscribed: ['x'] })],
    ['a list that is none', announced({ owned: 'all' })],
    ['itself', announced({ id: 'process-1' })],
  ])('that say %s are not heard', async (_what, body) => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);

    await say(rig, body);

    expect(engine.describe().members).toEqual(['process-1']);
    expect(rig.errors).toEqual([]);
  });

  test('are heard once, however often a process asks for them and when it joins', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    const inspections = [engine.inspect(undefined), engine.inspect(undefined)];
    await rig.pass(1000);
    await Promise.all(inspections);
    await rig.join(engine);

    const ears = [...rig.broker.queues.keys()].filter((name) => name.startsWith(members));
    expect(ears).toHaveLength(1);
    rig.broker.cut();
    await rig.pass(1000);
    const again = [...rig.broker.queues.keys()].filter((name) => name.startsWith(members));
    expect(again).toHaveLength(1);
    expect(again).not.toEqual(ears);
  });

  test('are forgotten of a process that is not heard for longer than a heartbeat', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    await say(rig, announced({}));
    expect(engine.describe().members).toEqual(['other', 'process-1']);

    await rig.pass(4500);
    expect(engine.describe().members).toContain('other');
    await rig.pass(2000);

    expect(engine.describe().members).toEqual(['process-1']);
  });

  test('are forgotten at once of a process that says it has left', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    await say(rig, announced({}));

    await say(rig, announced({ word: 'left' }));

    expect(engine.describe().members).toEqual(['process-1']);
  });

  test('are answered when somebody comes, and when somebody asks', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    const said = (): number =>
      rig.broker.published.filter(({ body }) => body.includes('"process-1"')).length;
    const before = said();

    await say(rig, announced({ word: 'hello' }));
    await say(rig, announced({ id: 'guest', word: 'ask' }));

    expect(said()).toBe(before + 2);
    expect(engine.describe().members).toEqual(['other', 'process-1']);
  });

  test('are not answered by a process that has left', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a');
    await rig.take(engine);
    engine.shutDown();
    await rig.settle();
    const before = rig.broker.published.length;

    await say(rig, announced({ word: 'hello' }));

    expect(rig.broker.published.length).toBe(before + 1);
    engine.done('a');
  });

  test('are heard again after their channel was closed alone', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    const [publishing] = rig.broker.connections;
    for (const subscription of publishing?.subscriptions ?? [])
      subscription.fail(new Error('closed by an operator'));
    await rig.pass(1000);

    await say(rig, announced({}));

    expect(rig.errors).toContain('listening to other processes: Error: closed by an operator');
    expect(engine.describe().members).toEqual(['other', 'process-1']);
  });

  test('are heard again after the connection was lost', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    rig.broker.cut();
    await rig.pass(1000);

    await say(rig, announced({}));

    expect(engine.describe().members).toEqual(['other', 'process-1']);
  });
});
