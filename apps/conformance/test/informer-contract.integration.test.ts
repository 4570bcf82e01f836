import type { ControlPlane } from '@kubeloop/control-plane';
import { startControlPlaneOrSkip } from '@kubeloop/control-plane';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import { informerContract, Observed, type InformerTarget } from '../src/informer-contract.ts';
import { configMap } from '../src/manifests.ts';
import { realTarget } from '../src/real-target.ts';
import { Space } from '../src/space.ts';

describe.each([true, false])('a control plane with streaming lists: %s', (watchList) => {
  let controlPlane: ControlPlane | undefined;
  let target: InformerTarget | undefined;

  beforeEach(async (context) => {
    if (target !== undefined) return;
    const started = await startControlPlaneOrSkip(context, {
      controllers: [],
      // Streaming lists need the watch cache, with which only a restart makes a version too old.
      ...(watchList
        ? {}
        : { featureGates: { WatchList: false }, apiServerArgs: ['--watch-cache=false'] }),
    });
    controlPlane = started;
    const { server, ca, token } = started;
    const forget = async (): Promise<void> => {
      if (watchList) await started.restartApiServer();
      else await started.compact();
    };
    const access = { server, ca, token };
    target = { api: realTarget(started), access, hasWatchList: watchList, forget };
  });

  afterAll(async () => {
    await target?.api[Symbol.asyncDispose]();
    await controlPlane?.stop();
  });

  // Set before each test.
  informerContract(() => target!);

  test('an informer goes on after a restart of the API server', { timeout: 60_000 }, async () => {
    // Set before each test.
    const { api, access } = target!;
    await using space = await Space.create(api);
    await api.post(space.configMaps, configMap('a'));
    await using observed = await Observed.start(access, space.name);

    await controlPlane?.restartApiServer();
    await api.post(space.configMaps, configMap('b'));
    await observed.told('add b');

    expect(observed.names).toEqual(['a', 'b']);
  });
});
