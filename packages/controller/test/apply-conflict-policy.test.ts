import type { Apply, ApplyConflict, ResourceClient, Wire } from '@kubeloop/client';
import { configMaps, isApplyConflict } from '@kubeloop/client';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { expect, test, vi } from 'vitest';
import { applyDeciding, type ApplyDecision } from '../src/apply-conflict-policy.ts';
import { startServer } from './support/server.ts';

type ConfigMap = Wire<V1ConfigMap>;

/** ConfigMaps in which two managers own a field each. */
async function start(): Promise<ResourceClient<ConfigMap>> {
  const client = await startServer();
  const maps = client.resource(configMaps).namespace('default');
  await maps.apply(wanted({ one: 'one' }), { fieldManager: 'one' });
  await maps.apply(wanted({ two: 'two' }), { fieldManager: 'two' });
  return maps;
}

function wanted(data: Readonly<Record<string, string>>): Apply<ConfigMap> {
  return { metadata: { name: 'a' }, data };
}

const mine = wanted({ one: 'mine', two: 'mine', mine: 'mine' });

/** Says the same of every field in conflict. */
const always =
  (decision: ApplyDecision) =>
  (_conflict: ApplyConflict): ApplyDecision =>
    decision;

test('nobody is asked, and nothing is forced, when nothing is in conflict', async () => {
  const maps = await start();
  const onConflict = vi.fn<typeof decideNothing>(decideNothing);

  const { data } = await applyDeciding(maps, wanted({ mine: 'mine' }), {
    fieldManager: 'me',
    onConflict,
  });

  expect(data).toEqual({ one: 'one', two: 'two', mine: 'mine' });
  expect(onConflict).not.toHaveBeenCalled();

  function decideNothing(_conflict: ApplyConflict): ApplyDecision {
    return 'fail';
  }
});

test.each<[object, string]>([
  [{}, 'give onConflict, a function'],
  [{ onConflict: always('fail'), subresource: 'scale' }, 'Cannot apply subresource "scale"'],
])('what cannot be applied is refused: %o', async (options, message) => {
  const maps = await start();

  // What a program in JavaScript can pass.
  const deciding = applyDeciding(maps, mine, { fieldManager: 'me', ...options } as never);

  await expect(deciding).rejects.toThrow(message);
});

test('fields to force become those of the manager', async () => {
  const maps = await start();

  const { data } = await applyDeciding(maps, mine, {
    fieldManager: 'me',
    onConflict: always('force'),
  });

  expect(data).toEqual({ one: 'mine', two: 'mine', mine: 'mine' });
});

test('fields to yield stay with those who own them, and the rest is applied', async () => {
  const maps = await start();

  const { data } = await applyDeciding(maps, mine, {
    fieldManager: 'me',
    onConflict: always('yield'),
  });

  expect(data).toEqual({ one: 'one', two: 'two', mine: 'mine' });
  expect(mine.data).toEqual({ one: 'mine', two: 'mine', mine: 'mine' });
});

test('each field is decided on its own: one is taken from its manager, another left', async () => {
  const maps = await start();

  const { data } = await applyDeciding(maps, mine, {
    fieldManager: 'me',
    onConflict: ({ manager }) => (manager === 'one' ? 'force' : 'yield'),
  });

  expect(data).toEqual({ one: 'mine', two: 'two', mine: 'mine' });
});

test('one field that is to fail lets the whole apply fail, and nothing is written', async () => {
  const maps = await start();

  const outcome = applyDeciding(maps, mine, {
    fieldManager: 'me',
    onConflict: ({ field }) => (field === '.data.one' ? 'force' : 'fail'),
  });

  await expect(outcome).rejects.toSatisfy(isApplyConflict);
  expect((await maps.get('a')).data).toEqual({ one: 'one', two: 'two' });
});

test('other failures are thrown, and so is what onConflict throws or should not answer', async () => {
  const maps = await start();
  const odd = { metadata: { name: 'A_' }, data: {} };
  const broken = new Error('broken');

  const invalid = applyDeciding(maps, odd, { fieldManager: 'me', onConflict: always('force') });
  const thrown = applyDeciding(maps, mine, {
    fieldManager: 'me',
    onConflict: () => {
      throw broken;
    },
  });
  const nonsense = applyDeciding(maps, mine, {
    fieldManager: 'me',
    onConflict: always('perhaps' as never),
  });

  await expect(invalid).rejects.toMatchObject({ code: 422 });
  await expect(thrown).rejects.toBe(broken);
  await expect(nonsense).rejects.toThrow('onConflict answered "perhaps"');
});
