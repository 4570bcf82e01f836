import { ApiServer } from '@kubeloop/apiserver';
import {
  isAlreadyExists,
  isConflict,
  isGone,
  isNotFound,
  KubeClient,
  leases,
} from '@kubeloop/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { LeaseLock, type LeaseLockEvent, type LeaseLockOptions } from '../src/lease-lock.ts';
import type { LeaderElectionRecord, Lease } from '../src/record.ts';

const server = new ApiServer();
let client: KubeClient;
let name = '';
let tests = 0;
const call = { signal: new AbortController().signal };
const record: LeaderElectionRecord = {
  holderIdentity: 'us',
  leaseDurationSeconds: 15,
  leaderTransitions: 2,
  acquireTime: '2026-01-02T03:04:05.000001Z',
  renewTime: '2026-01-02T03:04:06.123456Z',
};

beforeAll(async () => {
  await server.start();
  client = new KubeClient({ server: server.url, skipTLSVerify: true });
});

afterAll(async () => {
  await client.close();
  await server.close();
});

beforeEach(() => {
  tests += 1;
  name = `lease-${tests}`;
});

function lock(options: Partial<LeaseLockOptions> = {}): LeaseLock {
  return new LeaseLock({ client, namespace: 'default', name, identity: 'us', ...options });
}

function stored(): Promise<Lease> {
  return client.resource(leases).namespace('default').get(name);
}

describe('LeaseLock', () => {
  test('what was created is read back whole', async () => {
    const whole = { ...record, strategy: 'OldestEmulationVersion', preferredHolder: 'them' };

    await lock().create(whole, call);

    expect(await lock().get(call)).toEqual(whole);
  });

  test('the Lease has the names and the form of times that client-go writes', async () => {
    await lock().create(record, call);

    expect((await stored()).spec).toEqual({
      holderIdentity: 'us',
      leaseDurationSeconds: 15,
      leaseTransitions: 2,
      acquireTime: '2026-01-02T03:04:05.000001Z',
      renewTime: '2026-01-02T03:04:06.123456Z',
    });
  });

  test('an update replaces the record that was read', async () => {
    await lock().create({ ...record, strategy: 'OldestEmulationVersion' }, call);
    const ours = lock();
    await ours.get(call);

    await ours.update({ ...record, holderIdentity: '' }, call);

    expect(await lock().get(call)).toEqual({ ...record, holderIdentity: '' });
  });

  test('an update before a get or create is an error', async () => {
    await lock().create(record, call);

    await expect(lock().update(record, call)).rejects.toThrow(
      `Cannot update Lease default/${name}: nothing is known of it yet, call get or create first`,
    );
  });

  test('what the API refuses is thrown as it came', async () => {
    const ours = lock();
    const missing: unknown = await ours.get(call).catch((error: unknown) => error);
    await ours.create(record, call);
    const existing: unknown = await lock()
      .create(record, call)
      .catch((error: unknown) => error);
    const theirs = lock();
    await theirs.get(call);
    await theirs.update({ ...record, leaderTransitions: 3 }, call);
    const outdated: unknown = await ours.update(record, call).catch((error: unknown) => error);

    expect(isNotFound(missing)).toBe(true);
    expect(isAlreadyExists(existing)).toBe(true);
    expect(isConflict(outdated)).toBe(true);
  });

  test('after a conflict a get makes the next update possible', async () => {
    const ours = lock();
    await ours.create(record, call);
    const theirs = lock();
    await theirs.get(call);
    await theirs.update({ ...record, leaderTransitions: 3 }, call);
    await expect(ours.update(record, call)).rejects.toSatisfy(isConflict);

    await ours.get(call);
    await ours.update({ ...record, leaderTransitions: 4 }, call);

    expect((await stored()).spec?.leaseTransitions).toBe(4);
  });

  test('the signal of a call ends it', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));

    await expect(lock().get({ signal: stop.signal })).rejects.toThrow('enough');
  });
});

describe('the watch of a LeaseLock', () => {
  test('gives every record that others write after the one that was read, and no deletion', async () => {
    await lock({ identity: 'them' }).create(record, call);
    const [ours, theirs] = [lock(), lock()];
    await theirs.get(call);
    await ours.get(call);
    const watch = ours.watch(call);
    const renewed = { ...record, renewTime: '2026-01-02T03:04:08.000001Z' };
    const released = { ...record, holderIdentity: '' };

    await theirs.update(renewed, call);
    await client.resource(leases).namespace('default').delete(name);
    await theirs.create(released, call);
    const given = [(await watch.next()).value, (await watch.next()).value];

    expect(given).toEqual([renewed, released]);
    await watch.return();
    await vi.waitUntil(() => server.openWatches === 0, { timeout: 5_000, interval: 1 });
  });

  test('sees no other Lease', async () => {
    await lock().create(record, call);
    const [ours, theirs] = [lock(), lock()];
    await theirs.get(call);
    await ours.get(call);
    const watch = ours.watch(call);
    await lock({ name: `${name}-other` }).create({ ...record, holderIdentity: 'other' }, call);
    await theirs.update({ ...record, leaderTransitions: 3 }, call);

    expect((await watch.next()).value).toEqual({ ...record, leaderTransitions: 3 });
    await watch.return();
  });

  test('before a get or create is an error', async () => {
    await expect(lock().watch(call).next()).rejects.toThrow(
      `Cannot watch Lease default/${name}: nothing is known of it yet`,
    );
  });

  test('from a version that is too old rejects', async () => {
    const ours = lock();
    await ours.create(record, call);
    const theirs = lock();
    await theirs.get(call);
    await theirs.update({ ...record, leaderTransitions: 3 }, call);
    await theirs.update({ ...record, leaderTransitions: 4 }, call);
    server.compact();

    await expect(ours.watch(call).next()).rejects.toSatisfy(isGone);
  });

  test('rejects with the reason of its signal', async () => {
    await lock().create(record, call);
    const ours = lock();
    await ours.get(call);
    const stop = new AbortController();
    const next = ours.watch({ signal: stop.signal }).next();

    stop.abort(new Error('enough'));

    await expect(next).rejects.toThrow('enough');
  });
});

describe('labels of a Lease', () => {
  const theirLabels = { app: 'shop', tier: 'them' };

  async function create(labels?: Readonly<Record<string, string>>): Promise<void> {
    const metadata = { name, ...(labels && { labels }) };
    const lease = { apiVersion: leases.apiVersion, kind: leases.kind, metadata, spec: {} };
    await client.resource(leases).namespace('default').create(lease);
  }

  test('configured ones are set when it is created', async () => {
    await lock({ labels: { tier: 'us' } }).create(record, call);

    expect((await stored()).metadata?.labels).toEqual({ tier: 'us' });
  });

  test('configured ones come back with an update, and those of others stay', async () => {
    await create(theirLabels);
    const ours = lock({ labels: { tier: 'us' } });
    await ours.get(call);

    await ours.update(record, call);

    expect((await stored()).metadata?.labels).toEqual({ app: 'shop', tier: 'us' });
  });

  test('a Lease without labels gets them', async () => {
    await create();
    const ours = lock({ labels: { tier: 'us' } });
    await ours.get(call);

    await ours.update(record, call);

    expect((await stored()).metadata?.labels).toEqual({ tier: 'us' });
  });

  test('without configured ones an update leaves labels as they are', async () => {
    await create(theirLabels);
    const ours = lock();
    await ours.get(call);

    await ours.update(record, call);

    expect((await stored()).metadata?.labels).toEqual(theirLabels);
  });
});

describe('events of a LeaseLock', () => {
  test('are handed on with the identity and the Lease', async () => {
    const events: LeaseLockEvent[] = [];
    const ours = lock({ onEvent: (event) => events.push(event) });
    await ours.create(record, call);

    ours.recordEvent('became leader');

    const { metadata } = await stored();
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata };
    const message = 'us became leader';
    expect(events).toEqual([{ type: 'Normal', reason: 'LeaderElection', message, lease }]);
  });

  test('are no failure while the Lease is not known, or when nobody listens', () => {
    const events: LeaseLockEvent[] = [];

    lock({ onEvent: (event) => events.push(event) }).recordEvent('stopped leading');
    lock().recordEvent('stopped leading');

    expect(events[0]?.lease.metadata).toEqual({ namespace: 'default', name });
  });
});

test.each(['namespace', 'name', 'identity'])('a LeaseLock without a %s is refused', (option) => {
  expect(() => lock({ [option]: '' })).toThrow(`Cannot use '' as ${option}`);
});

test.each([
  [undefined, 'Cannot make a LeaseLock: options must be an object, and they are undefined'],
  [{}, 'Cannot use undefined as the client: it must be an object'],
  [{ client: {} }, 'Cannot use the client: it has no method resource'],
])('a LeaseLock of %j is refused', (options, message) => {
  expect(() => new LeaseLock(options as never)).toThrow(new TypeError(message));
});

test.each([
  [{ labels: 'a=b' }, "Cannot use 'a=b' as labels: it must be an object"],
  [{ labels: { app: 5 } }, 'Cannot use 5 as label "app": it must be a text'],
  [{ onEvent: 'x' }, "Cannot use 'x' as onEvent: it must be a function"],
])('a LeaseLock with %j is refused', (options, message) => {
  expect(() => lock(options as never)).toThrow(new TypeError(message));
});

test.each([undefined, null, {}, { signal: 'stop' }])('no call is made with %j', async (options) => {
  const given = options as never;
  const calls = [
    lock().get(given),
    lock().create(record, given),
    lock().update(record, given),
    lock().watch(given).next(),
  ];

  const results = await Promise.allSettled(calls);

  expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual(
    ['get', 'create', 'update', 'watch'].map((verb) =>
      expect.stringContaining(
        `TypeError: Cannot ${verb} Lease default/${name}: there must be a signal`,
      ),
    ),
  );
});

test.each([undefined, null, 5, {}])('%j is not written as a record', async (given) => {
  const words = `Lease default/${name}: the record must have a holderIdentity, empty for nobody`;

  await expect(lock().create(given as never, call)).rejects.toThrow(
    new TypeError(`Cannot create ${words}`),
  );
  await expect(lock().update(given as never, call)).rejects.toThrow(
    new TypeError(`Cannot update ${words}`),
  );
});
