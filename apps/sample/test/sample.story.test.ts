import { expect, test } from 'vitest';
import { inProcessCluster } from '../src/cluster/in-process-cluster.ts';
import { finalTree } from './final-tree.ts';
import { playThrough } from './play-through.ts';

test('the story converges on the API server in process, and ends in the expected tree', async ({
  signal,
}) => {
  const cluster = await inProcessCluster(signal);

  const { told, tree } = await playThrough(cluster, signal);

  expect(tree).toEqual(finalTree);
  expect(told).toContain('every WebApp with a pod on that node had noticed; all is well again');
}, 60_000);
