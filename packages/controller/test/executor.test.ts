import { describe, expect, test } from 'vitest';
import type { Controller } from '../src/controller.ts';
import { request, runController } from './support/controller-rig.ts';

describe('workers', () => {
  test('run a key again after its run when it was asked for meanwhile, and once however often', async () => {
    const first = Promise.withResolvers<void>();
    let runs = 0;
    const rig = await runController(async () => {
      runs += 1;
      if (runs === 1) await first.promise;
    });
    for (let i = 0; i < 3; i += 1) {
      void rig.controller.enqueue(request('a'));
      await rig.clock.settle();
    }
    expect(runs).toBe(1);

    first.resolve();
    await rig.clock.settle();
    expect(runs).toBe(2);
    await rig.end();
  });

  test('go on with other keys while one key takes its time', async () => {
    const slow = Promise.withResolvers<void>();
    const ended: string[] = [];
    const rig = await runController(
      async ({ name }) => {
        if (name === 'slow') await slow.promise;
        ended.push(name);
      },
      { maxConcurrentReconciles: 2 },
    );
    for (const name of ['slow', 'slow', 'a', 'b']) void rig.controller.enqueue(request(name));
    await rig.clock.settle();

    expect(ended).toEqual(['a', 'b']);
    slow.resolve();
    await rig.end();
  });

  test('end although reconciles ask for thousands of further ones, of themselves among them', async () => {
    const many = 5000;
    const seen = new Set<string>();
    let runs = 0;
    const its: { controller?: Controller } = {};
    const rig = await runController(({ name }) => {
      seen.add(name);
      runs += 1;
      if (runs > 2) return;
      for (let i = 0; i < many; i += 1) {
        void its.controller?.enqueue(request(name));
        void its.controller?.enqueue(request(`${i}`));
      }
    });
    its.controller = rig.controller;
    void rig.controller.enqueue(request('self'));
    while (seen.size <= many) await rig.clock.settle();
    await rig.clock.settle();

    expect([seen.size, rig.controller.queue?.length]).toEqual([many + 1, 0]);
    expect(runs).toBeGreaterThan(many + 1); // "self" ran more than once
    await rig.end();
  });
});
