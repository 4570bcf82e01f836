import { ApiServer } from '@kubeloop/apiserver';
import { KubeClient, leaseCandidates, type ResourceClient } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LeaseCandidate, type LeaseCandidateOptions } from '../src/lease-candidate.ts';

type Candidate = NonNullable<(typeof leaseCandidates)['_type']>;

let server: ApiServer;
let client: KubeClient;
let candidates: ResourceClient<Candidate>;
let clock: FakeClock;
let nowMs = 0;
let errors: unknown[];
let stop: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  server = new ApiServer({ resources: [leaseCandidates] });
  await server.start();
  client = new KubeClient({ server: server.url, skipTLSVerify: true });
  candidates = client.resource(leaseCandidates).namespace('default');
  clock = new FakeClock();
  nowMs = Date.parse('2026-01-02T03:04:05.000Z');
  errors = [];
  stop = new AbortController();
  running = Promise.resolve();
});

afterEach(async () => {
  stop.abort();
  await running;
  await client.close();
  await server.close();
});

function run(options: Partial<LeaseCandidateOptions> = {}): void {
  const candidate = new LeaseCandidate({
    client,
    namespace: 'default',
    name: 'us',
    leaseName: 'shop',
    binaryVersion: '1.2.3',
    clock,
    wallClock: () => nowMs,
    random: () => 0,
    onError: (error) => errors.push(error),
    ...options,
  });
  running = candidate.run({ signal: stop.signal });
}

/** The candidate as soon as it is as wanted; the watch begins with what is there. */
async function seen(wanted: (candidate: Candidate) => boolean): Promise<Candidate> {
  for await (const event of candidates.watch()) {
    if (event.type !== 'ADDED' && event.type !== 'MODIFIED') continue;
    if (wanted(event.object)) return event.object;
  }
  throw new Error('The watch has ended');
}

/** The first call rejects. */
function failingOnce<A extends readonly unknown[], R>(
  call: (...parameters: A) => Promise<R>,
): (...parameters: A) => Promise<R> {
  let isFirst = true;
  return async (...parameters) => {
    if (!isFirst) return call(...parameters);
    isFirst = false;
    throw new Error('no list');
  };
}

/** Waits for a timer of at most that time to be set, by what comes over HTTP. */
async function untilTimer(withinMs = Infinity): Promise<void> {
  const isSet = (): boolean => (clock.untilNextMs ?? Infinity) <= withinMs && clock.pending > 0;
  await vi.waitUntil(isSet, { timeout: 5_000, interval: 1 });
}

async function ping(pingTime: string): Promise<void> {
  await candidates.patch('us', { spec: { pingTime } }, { type: 'merge' });
}

describe('LeaseCandidate', () => {
  test('creates the candidate', async () => {
    run();

    const { spec } = await seen(() => true);

    expect(spec).toEqual({
      leaseName: 'shop',
      binaryVersion: '1.2.3',
      emulationVersion: '1.2.3',
      strategy: 'OldestEmulationVersion',
      renewTime: '2026-01-02T03:04:05.000000Z',
    });
  });

  test('answers a ping by a renewal', async () => {
    run();
    await seen(() => true);
    nowMs += 10_000;

    await ping('2026-01-02T03:04:10.000000Z');

    const { spec } = await seen(
      (candidate) => candidate.spec?.renewTime !== '2026-01-02T03:04:05.000000Z',
    );
    expect(spec).toMatchObject({
      renewTime: '2026-01-02T03:04:15.000000Z',
      pingTime: '2026-01-02T03:04:10.000000Z',
      leaseName: 'shop',
    });
  });

  test('answers the ping of a server whose clock is ahead once, with the time of the ping', async () => {
    run();
    await seen(() => true);

    await ping('2026-01-02T09:00:00.000000Z');

    const { spec } = await seen(
      (candidate) => candidate.spec?.renewTime !== '2026-01-02T03:04:05.000000Z',
    );
    expect(spec?.renewTime).toBe('2026-01-02T09:00:00.000000Z');
  });

  test('answers a ping that came before it was started', async () => {
    run();
    await seen(() => true);
    stop.abort();
    await running;
    await ping('2026-01-02T03:04:10.000000Z');
    nowMs += 10_000;

    stop = new AbortController();
    run();

    const { spec } = await seen(
      (candidate) => candidate.spec?.renewTime !== '2026-01-02T03:04:05.000000Z',
    );
    expect(spec?.renewTime).toBe('2026-01-02T03:04:15.000000Z');
  });

  test('comes back when it was deleted', async () => {
    run();
    const first = await seen(() => true);
    const back = seen((candidate) => candidate.metadata?.uid !== first.metadata?.uid);

    await candidates.delete('us');
    // It looks again after a pause.
    await untilTimer(1_000);
    await clock.stepAsync(1_000);

    expect((await back).metadata?.name).toBe('us');
  });

  test('is renewed without a ping after five minutes', async () => {
    run();
    await seen(() => true);
    nowMs += 300_000;
    await untilTimer();

    await clock.stepAsync(300_000);
    await untilTimer();
    await clock.stepAsync(1_000);

    await seen((candidate) => candidate.spec?.renewTime === '2026-01-02T03:09:05.000000Z');
    expect(errors).toEqual([]);
  });

  test('tries again when the API fails, and says so', async () => {
    const namespaced = {
      list: failingOnce(candidates.list.bind(candidates)),
      create: candidates.create.bind(candidates),
      watch: candidates.watch.bind(candidates),
    };
    // No more of a client is used than this.
    run({ client: { resource: () => ({ namespace: () => namespaced }) } as unknown as KubeClient });

    await untilTimer();
    await clock.stepAsync(500);

    await seen(() => true);
    expect(errors).toEqual([new Error('no list')]);
  });

  test('leaves nothing behind', async () => {
    run();
    await seen(() => true);

    stop.abort();
    await running;

    expect(clock.pending).toBe(0);
  });
});

describe('a candidate is refused', () => {
  const fit = {
    client: { resource: () => ({ namespace: () => ({}) }) },
    namespace: 'default',
    name: 'us',
    leaseName: 'shop',
    binaryVersion: '1.2.3',
  };

  test.each([
    ['no options', undefined, 'Cannot make a LeaseCandidate: options must be an object'],
    ['no client', { ...fit, client: {} }, 'Cannot use the client: it has no method resource'],
    ['a number as version', { ...fit, binaryVersion: 1 }, 'Cannot use 1 as binaryVersion'],
    ['a number as version to be', { ...fit, emulationVersion: 1 }, 'as emulationVersion'],
    ['a strategy that is none', { ...fit, strategy: '' }, "Cannot use '' as strategy"],
  ])('with %s', (_, options, message) => {
    const make = (): LeaseCandidate => new LeaseCandidate(options as never);

    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  test.each([undefined, null, {}])('when it is to run with %j', async (options) => {
    const candidate = new LeaseCandidate(fit as never);

    await expect(candidate.run(options as never)).rejects.toThrow(
      'Cannot run the candidate: there must be a signal',
    );
  });
});
