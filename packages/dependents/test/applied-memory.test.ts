import { expect, test } from 'vitest';
import { AppliedMemory, isOlder } from '../src/applied-memory.ts';

const child = { namespace: 'ns', desired: 'd', resourceVersion: '1', values: 'v', fields: {} };

test('children are found by uid and by owner, and forgotten in both', () => {
  const memory = new AppliedMemory();
  memory.set('1', { ...child, ownerUid: 'o', name: 'a' });
  memory.set('2', { ...child, ownerUid: 'o', name: 'b' });
  memory.set('1', { ...child, ownerUid: 'o', name: 'a', resourceVersion: '2' });
  const both = memory
    .ofOwner('o')
    .map(({ uid, resourceVersion }) => [uid, resourceVersion] as const);

  memory.forget('1');
  memory.forget('unknown');

  expect(new Map(both)).toEqual(
    new Map([
      ['1', '2'],
      ['2', '1'],
    ]),
  );
  expect(memory.get('1')).toBeUndefined();
  expect(memory.ofOwner('o').map(({ name }) => name)).toEqual(['b']);
  expect(memory.ofOwner('other')).toEqual([]);
  expect(memory.size).toBe(1);
});

test('versions that are no numbers are not compared', () => {
  expect([isOlder('9', '10'), isOlder('10', '10'), isOlder('10', '9')]).toEqual([
    true,
    false,
    false,
  ]);
  expect([isOlder('', '1'), isOlder('a', 'b'), isOlder('1', '')]).toEqual([false, false, false]);
});
