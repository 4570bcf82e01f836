import { goProgramOrSkip } from '@kubeloop/control-plane';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Failure, measure, type Measurement } from '../src/pod-informers/measure.ts';
import { type PeerId, preparePeers } from '../src/pod-informers/peers.ts';
import { startPreparedSource } from '../src/pod-informers/sources.ts';

const ids: readonly PeerId[] = ['kubeloop', 'kubeloop-json', 'floor', 'client-go-protobuf'];
const objects = 2000;
const churn = 5000;

/** What the work took, without the start of the runtime. */
function workMs({ sync, startCpuMs }: Measurement): number {
  return sync.cpuMs - startCpuMs;
}

function isMeasured(result: Measurement | Failure): result is Measurement {
  return !('failure' in result);
}

// The Go programs are compiled first, which takes minutes on a machine that has never done it.
test('informers see every update and every version, and ours costs no more than a few times the least', async (context) => {
  await goProgramOrSkip(context, {
    module: fileURLToPath(new URL('../go/', import.meta.url)),
    package: './cmd/pod-server',
    outputFolder: fileURLToPath(new URL('../temp/', import.meta.url)),
  });
  const { programs, missing } = await preparePeers(ids, true);
  expect(missing).toEqual([]);
  await using source = await startPreparedSource(objects);

  const results = new Map<string, Measurement>();
  for (const program of programs) {
    const result = await measure(program, source, churn);
    expect(result).not.toHaveProperty('failure');
    if (isMeasured(result)) results.set(program.id, result);
  }

  for (const [id, { faults }] of results) expect({ id, faults }).toEqual({ id, faults: [] });
  const floor = results.get('floor');
  for (const id of ['kubeloop', 'kubeloop-json']) {
    const ours = results.get(id);
    if (!floor || !ours) throw new Error('A peer was not measured');
    // At this size half of it is compiling code; a whole list per object would be a hundred times as much.
    expect(workMs(ours) / workMs(floor)).toBeLessThan(8);
    expect(ours.churn.cpuMs / floor.churn.cpuMs).toBeLessThan(4);
    expect(ours.resident / floor.resident).toBeLessThan(2);
  }
}, 900_000);
