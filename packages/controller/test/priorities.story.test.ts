import { expect, test } from 'vitest';
import { lowPriority } from '../src/event-handler.ts';
import { request, runController } from './support/controller-rig.ts';

test('a key of low priority runs in the end although urgent ones never cease', async () => {
  const ran: string[] = [];
  const { source, clock, end } = await runController(
    ({ name }) =>
      new Promise<void>((resolve) => {
        ran.push(name);
        clock.setTimeout(resolve, 1000);
      }),
  );
  void source.context?.enqueue(request('busy'));
  await clock.settle();
  void source.context?.enqueue(request('old'), { priority: lowPriority });
  // Two urgent keys a second for a worker that does one.
  for (let second = 0; second < 60; second += 1) {
    void source.context?.enqueue(request(`urgent-${second}`));
    void source.context?.enqueue(request(`urgent-too-${second}`));
    await clock.stepAsync(1000);
  }

  expect(ran.slice(0, 30)).not.toContain('old');
  expect(ran).toContain('old');
  const stopped = end();
  await clock.stepAsync(60_000);
  await stopped;
});

test('what was there at the start comes after what happens meanwhile', async () => {
  const ran: string[] = [];
  const gate = Promise.withResolvers<void>();
  const { source, clock, end } = await runController(async ({ name }) => {
    ran.push(name);
    await gate.promise;
  });
  void source.context?.enqueue(request('busy'));
  await clock.settle();
  void source.context?.enqueue(request('listed'), { priority: lowPriority });
  void source.context?.enqueue(request('changed'));
  gate.resolve();
  await clock.settle();

  expect(ran).toEqual(['busy', 'changed', 'listed']);
  await end();
});
