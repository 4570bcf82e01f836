import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import { defineResource, KubeClient } from '@kubeloop/client';
import { SharedInformer } from '@kubeloop/informer';

import { contentHash, type Identity, type Report, type Told } from './outcome.ts';
import type { Order, Play, Player } from './player.ts';
import { endName, type Thing } from './things.ts';

const things = defineResource<Thing>({
  group: 'example.com',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  namespaced: true,
});

/** Short, since what is compared does not depend on it. */
const backoffMs = 25;
/** A streaming list that brings nothing for so long is given up. */
const watchListTimeoutMs = 1500;
const endKey = `default/${endName}`;

/** Plays scenarios with `@kubeloop/informer` on `@kubeloop/client`, in this process. */
export class KubeloopPlayer implements Player {
  play({ url, watchList }: Order): Play {
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    return { report: run(url, watchList, stopping), stop };
  }
}

async function run(url: string, watchList: boolean, stopping: AbortController): Promise<Report> {
  const client = new KubeClient({ server: url, skipTLSVerify: true });
  const informer = new SharedInformer<Thing>({
    listerWatcher: client.resource(things),
    reflector: { watchList, watchListTimeoutMs, backoff: { next: () => backoffMs } },
    // Failures are what the scenarios are made of.
    onError: () => {},
  });
  const told: Told[] = [];
  const tell = (call: Told): void => {
    if (call.key === endKey) stopping.abort();
    else told.push(call);
  };
  informer.addEventHandler({
    add: (obj, initial) =>
      tell({ event: 'add', key: keyOf(obj), object: identityOf(obj), initial }),
    update: (oldObj, obj) => {
      const [old, object] = [identityOf(oldObj), identityOf(obj)];
      tell({ event: 'update', key: keyOf(obj), object, old });
    },
    delete: (obj) => tell(deletion(obj)),
  });
  await informer.run({ signal: stopping.signal });
  await client.close();
  const store = informer.indexer
    .listKeys()
    .filter((key) => key !== endKey)
    .map((key) => {
      const obj = informer.indexer.getByKey(key);
      return { key, object: identityOf(obj), hash: contentHash(obj) };
    });
  return { told, store, synced: informer.hasSynced };
}

function deletion(obj: Thing | DeletedFinalStateUnknown<Thing>): Told {
  if (!DeletedFinalStateUnknown.is(obj))
    return { event: 'delete', key: keyOf(obj), object: identityOf(obj) };
  const { key, obj: last } = obj;
  return { event: 'delete', key, object: identityOf(last), tombstone: true };
}

function identityOf(obj: Thing | undefined): Identity {
  const { uid = '', resourceVersion: version = '' } = obj?.metadata ?? {};
  return { uid, version };
}

function keyOf({ metadata }: Thing): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}
