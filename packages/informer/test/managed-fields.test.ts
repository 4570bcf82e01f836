import { pods } from '@kubeloop/client';
import { beforeEach, expect, test } from 'vitest';
import { projected, SharedInformerFactory, type InformerClient } from '../src/index.ts';

/** What was asked of each list. */
let asked: unknown[];
/** Answers every list with nothing and every watch with its end. */
const client: InformerClient = {
  resource: () => {
    const source = {
      supportsWatchList: false,
      list: ({ omitManagedFields }: { readonly omitManagedFields?: boolean }) => {
        asked.push(omitManagedFields);
        return Promise.resolve({ items: [], metadata: { resourceVersion: '1' } });
      },
      // oxlint-disable-next-line require-yield -- no event comes
      watch: async function* ({ signal }: { readonly signal?: AbortSignal }) {
        await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
      },
    };
    return { ...source, namespace: () => source };
  },
};

beforeEach(() => {
  asked = [];
});

async function syncOf(
  options: { readonly keepManagedFields?: boolean },
  resource: Parameters<SharedInformerFactory['informerFor']>[0] = pods,
): Promise<unknown[]> {
  await using factory = new SharedInformerFactory(client, options);
  factory.informerFor(resource);
  factory.start();
  await factory.waitForCacheSync();
  return asked;
}

test('objects are asked for without managedFields', async () => {
  expect(await syncOf({})).toEqual([true]);
});

test('objects are asked for with managedFields when the factory keeps them', async () => {
  expect(await syncOf({ keepManagedFields: true })).toEqual([undefined]);
});

test('objects are asked for with managedFields when a projection names them', async () => {
  const resource = projected(pods, ['metadata.managedFields[].manager']);

  expect(await syncOf({}, resource)).toEqual([undefined]);
});
