import { configMaps } from '@kubeloop/client';
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  dictionary,
  oneof,
  record,
} from 'fast-check';
import { expect, test } from 'vitest';
import { Cluster, seen } from './support/cluster.ts';

const key = constantFrom('a', 'b', 'c', 'd');
const value = constantFrom('1', '2');
const settings = dictionary(key, value);

/** The owner changes its mind, or somebody sets and removes data of the child, as an edit or by an apply. */
const step = oneof(
  record({ type: constant('owner' as const), settings }),
  record({ type: constant('edit' as const), data: dictionary(key, oneof(value, constant(null))) }),
  record({ type: constant('apply' as const), data: settings }),
  record({ type: constant('restart' as const) }),
);

test.each([true, false])(
  'whatever others do, one reconcile ends in what is declared and the next writes nothing (managed fields in the cache: %s)',
  async (keepManagedFields) => {
    await using cluster = await Cluster.start({ keepManagedFields });
    const others = cluster.client.resource(configMaps).namespace('default');
    let runs = 0;
    await assert(
      asyncProperty(array(step, { maxLength: 6 }), async (steps) => {
        const name = `app-${(runs += 1)}`;
        const start = (): ReturnType<Cluster['newDependents']> => {
          const dependents = cluster.newDependents();
          dependents.add({
            name: 'config',
            resource: configMaps,
            desired: ({ metadata, spec }) => ({
              metadata: { name: metadata.name },
              data: { ...spec.settings },
            }),
          });
          return dependents;
        };
        let dependents = start();
        let app = await cluster.webApp(name, { settings: {} });
        await dependents.reconcile(app);
        for (const each of steps) {
          if (each.type === 'owner') app = { ...app, spec: { settings: each.settings } };
          else if (each.type === 'restart') dependents = start();
          else {
            const { data } = each;
            const metadata = { name };
            const { metadata: { resourceVersion } = {} } =
              each.type === 'edit'
                ? await others.patch(name, { data }, { type: 'merge' })
                : await others.apply(
                    { metadata, data: each.data },
                    { fieldManager: 'others', force: true },
                  );
            await seen(cluster, name, (map) => map?.metadata?.resourceVersion === resourceVersion);
          }
          const before = (await cluster.configMap(name)).data ?? {};
          await dependents.reconcile(app);
          const after = (await cluster.configMap(name)).data ?? {};
          const again = await dependents.reconcile(app);

          const declared = app.spec.settings ?? {};
          expect(after).toMatchObject(declared);
          // What is not declared was there before.
          const undeclared = Object.entries(after).filter(([other]) => !(other in declared));
          expect(before).toMatchObject(Object.fromEntries(undeclared));
          expect(again.writes).toBe(0);
        }
      }),
      { numRuns: 25 },
    );
  },
);
