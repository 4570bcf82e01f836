import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { array, assert, asyncProperty, constantFrom, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { NamespaceSet, SharedInformer } from '../src/index.ts';
import { FakeNamespaces } from './support/fake-namespaces.ts';
import { Observer } from './support/observer.ts';
import type { Thing } from './support/scripted.ts';

const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
const all = ['a', 'b', 'c'] as const;

test('whatever comes in, goes out and breaks, the cache and every handler end with what is in the namespaces of the set', async () => {
  const step = tuple(
    constantFrom(
      ...(['add', 'add', 'delete', 'write', 'write', 'remove', 'drop', 'compact'] as const),
      ...(['refuse', 'recover', 'pass', 'restart'] as const),
    ),
    constantFrom(...all),
    constantFrom('1', '2'),
  );
  await assert(
    asyncProperty(array(step, { maxLength: 50 }), async (script) => {
      const clock = new FakeClock();
      const server = new FakeNamespaces();
      const namespaces = new NamespaceSet(['a']);
      const informer = new SharedInformer<Thing>({
        listerWatcher: server,
        namespaces,
        clock,
        reflector: { random: () => 0 },
        onError: () => {},
      });
      const observers = [new Observer(), new Observer(() => Promise.resolve())];
      for (const observer of observers) informer.addEventHandler(observer);
      let abort = new AbortController();
      let ended = informer.run({ signal: abort.signal });

      for (const [what, namespace, which] of script) {
        const collection = server.of(namespace);
        const name = `${namespace}${which}`;
        if (what === 'add' || what === 'delete') namespaces[what](namespace);
        else if (what === 'write') collection.write(name);
        else if (what === 'remove') collection.delete(name);
        else if (what === 'drop' || what === 'compact') collection[what]();
        else if (what === 'pass') await clock.stepAsync(1500);
        else if (what === 'restart') {
          abort.abort();
          await ended;
          abort = new AbortController();
          ended = informer.run({ signal: abort.signal });
        } else collection.outage = what === 'refuse' ? refused : undefined;
      }
      for (const namespace of all) server.of(namespace).outage = undefined;
      await clock.stepAsync(300_000);

      const truth = [...namespaces].flatMap((name) => [...server.of(name).objects.values()]);
      const versions = (things: Iterable<Thing>): string[] =>
        Array.from(things, ({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort();
      expect(versions(informer.lister.list())).toEqual(versions(truth));
      for (const { seen, complaints } of observers) {
        expect(complaints).toEqual([]);
        expect(versions(seen.values())).toEqual(versions(truth));
      }
      expect(informer.hasSynced).toBe(true);
      abort.abort();
      await ended;
      expect([clock.pending, server.watched]).toEqual([0, []]);
    }),
    { numRuns: 60 },
  );
});
