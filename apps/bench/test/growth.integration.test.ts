import { goProgramOrSkip } from '@kubeloop/control-plane';
import { fileURLToPath } from 'node:url';
import { expect, test, type TestContext } from 'vitest';
import { ours } from '../src/growth/growers.ts';
import { workOf } from '../src/growth/report.ts';
import {
  growHandlers,
  growInformers,
  growObjects,
  type Line,
  type Point,
} from '../src/growth/series.ts';
import { type PeerProgram, preparePeers } from '../src/pod-informers/peers.ts';

// The Go programs are compiled first, which takes minutes on a machine that has never done it.
//
// That no peer fails and none loses an object or an update is what the series themselves insist on.

const roundsOf = (): number => 1;

async function programOrSkip(context: TestContext): Promise<PeerProgram> {
  await goProgramOrSkip(context, {
    module: fileURLToPath(new URL('../go/', import.meta.url)),
    package: './cmd/pod-server',
    outputFolder: fileURLToPath(new URL('../temp/', import.meta.url)),
  });
  const { programs } = await preparePeers(['kubeloop'], true);
  const [program] = programs;
  if (program === undefined) throw new Error('There is no program');
  return program;
}

function endsOf([line]: readonly Line[]): readonly [Point, Point] {
  const [first, last] = [line?.points[0], line?.points.at(-1)];
  if (first === undefined || last === undefined) throw new Error('Nothing was measured');
  return [first, last];
}

test('twice as many objects cost no more than three times as much for each', async (context) => {
  const growers = [ours(await programOrSkip(context), undefined)];

  const [few, many] = endsOf(await growObjects({ growers, sizes: [1000, 2000], roundsOf }, 1000));

  expect(workOf(many.figures) / 2000).toBeLessThan((3 * workOf(few.figures)) / 1000);
  expect(many.figures.residentMb).toBeLessThan(3 * few.figures.residentMb);
}, 600_000);

test('four handlers cost far less than four informers', async (context) => {
  const growers = [ours(await programOrSkip(context), 'handlers')];

  const options = { growers, sizes: [1, 4], roundsOf };
  const [one, four] = endsOf(await growHandlers(options, 1000, 2000));

  expect(workOf(four.figures)).toBeLessThan(3 * workOf(one.figures));
  expect(four.figures.churnS).toBeLessThan(3 * one.figures.churnS);
}, 600_000);

test('three informers over HTTP/2 share a connection, and cost no more than three times one', async (context) => {
  const growers = [ours(await programOrSkip(context), 'informers', 'HTTP/2', ['--http2'])];

  const options = { growers, sizes: [1, 3], roundsOf };
  const [one, three] = endsOf(await growInformers(options, 100, 100));

  expect(three.connections).toBe(1);
  // Three of a hundred objects are less work than to compile the code.
  expect(workOf(three.figures)).toBeLessThan(3 * workOf(one.figures));
}, 600_000);
