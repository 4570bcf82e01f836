import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { expect, test } from 'vitest';
import { gadgetNamespace, gadgets, seedGadgets } from '../src/reconciles/gadgets.ts';
import { measureLatency, measureThroughput } from '../src/reconciles/measure.ts';
import { consistentKubeloop, controllerRuntime, kubeloop } from '../src/reconciles/peers.ts';
import {
  type BenchServer,
  startInProcessServer,
  useControlPlane,
} from '../src/reconciles/servers.ts';

const sizes = { objects: 30, workers: 4, runs: 1, changes: 10, changesPerSecond: 100 };

const nodeOptions = ['--conditions=@kubeloop/source'];

// Both measures refuse a peer that leaves a status or a change out.
async function measureAll(server: BenchServer): Promise<readonly number[]> {
  const theirs = await controllerRuntime();
  const ours = [kubeloop(nodeOptions), consistentKubeloop(nodeOptions)];
  const peers = [...ours, ...('missing' in theirs ? [] : [theirs])];
  await seedGadgets(server.client, sizes.objects);
  const rows = await measureThroughput(server, peers, { work: 'status', sizes });
  const latency = [];
  for (const peer of peers) latency.push(await measureLatency(server, peer, sizes));
  return [
    ...rows.flatMap(({ cpuSeconds, perSecond }) => [cpuSeconds, perSecond]),
    ...latency.flatMap(({ medianMs, p99Ms }) => [medianMs, p99Ms]),
  ];
}

test('every controller writes every status and reconciles every change on the in-process server', async () => {
  await using server = await startInProcessServer(nodeOptions);

  const figures = await measureAll(server);

  expect(figures.filter((figure) => !(figure > 0))).toEqual([]);
});

test('every controller writes every status and reconciles every change on a real control plane', async (context) => {
  await using server = await useControlPlane(sharedControlPlaneOrSkip(context));
  try {
    const figures = await measureAll(server);

    expect(figures.filter((figure) => !(figure > 0))).toEqual([]);
  } finally {
    await server.client.resource(gadgets).namespace(gadgetNamespace).deleteCollection();
  }
});
