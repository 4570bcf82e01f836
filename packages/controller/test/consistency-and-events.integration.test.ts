import { configMaps, events, KubeClient, namespaces, pods, services } from '@kubeloop/client';
import { expect, inject, test, vi } from 'vitest';
import { Manager } from '../src/manager.ts';

// What the global set-up of the integration run provides.
const controlPlane = inject('controlPlane' as never) as
  | { readonly server: string; readonly token: string; readonly ca: string }
  | { readonly skip: string };

test('reads of the consistent client show each own write and each own deletion, whatever the server answers to it', async (context) => {
  if ('skip' in controlPlane) return context.skip(controlPlane.skip);
  const { server, token, ca } = controlPlane;
  await using client = new KubeClient({ server, token, ca });
  const namespace = `consistency-${Date.now()}`;
  await client.resource(namespaces).create({ metadata: { name: namespace } });
  const manager = new Manager({ client, namespace });
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  const metadata = { name: 'a', namespace };
  const maps = manager.consistentClient.resource(configMaps).namespace(namespace);
  const ports = manager.consistentClient.resource(services).namespace(namespace);
  const runs = manager.consistentClient.resource(pods).namespace(namespace);
  const containers = [{ name: 'c', image: 'i' }];

  for (let i = 0; i < 5; i += 1) {
    // The answer to a deletion is a Status for a ConfigMap, and the object for a Service and a Pod.
    await maps.create({ metadata, data: { i: `${i}` } });
    await ports.create({ metadata, spec: { ports: [{ port: 80 }] } });
    await runs.create({ metadata, spec: { containers } });
    expect((await maps.get('a'))?.data).toEqual({ i: `${i}` });
    await maps.patch('a', { data: { i: 'patched' } }, { type: 'merge' });
    expect((await maps.get('a'))?.data).toEqual({ i: 'patched' });
    expect([(await ports.list()).length, (await runs.list()).length]).toEqual([1, 1]);
    await Promise.all([maps.delete('a'), ports.delete('a')]);
    await runs.delete('a', { gracePeriodSeconds: 0 });
    expect([await maps.get('a'), await ports.get('a'), await runs.get('a')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    // The answer to what takes the last finalizer is the object as it was before.
    await maps.create({ metadata: { ...metadata, finalizers: ['example.com/held'] } });
    await maps.delete('a');
    await maps.patch('a', { metadata: { finalizers: null } }, { type: 'merge' });
    expect(await maps.get('a')).toBeUndefined();
  }
  stop.abort();
  await ended;
  return undefined;
});

test('the API server takes events, counts their series, and takes one anew that has expired', async (context) => {
  if ('skip' in controlPlane) return context.skip(controlPlane.skip);
  const { server, token, ca } = controlPlane;
  await using client = new KubeClient({ server, token, ca });
  const manager = new Manager({ client });
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  const recorder = manager.eventRecorder('example.com/greeting');
  const name = `events-${Date.now()}`;
  const about = await client.resource(namespaces).create({ metadata: { name } });
  const happen = async (written: number): Promise<void> => {
    recorder.event(about, { reason: 'Greeted', action: 'Greeting', note: 'é'.repeat(900) });
    await vi.waitFor(() => expect(recorder.counters).toMatchObject({ written, lost: 0 }));
  };
  const find = async () => {
    const { items } = await client.resource(events).namespace('default').list();
    return items.filter(({ regarding }) => regarding?.name === name);
  };
  await happen(1);
  await happen(2);
  const [event] = await find();
  expect(event?.series).toMatchObject({ count: 2 });
  expect(event?.eventTime).toMatch(/\.\d{6}Z$/);

  recorder.event(about, { reason: 'Greeted', action: 'Greeting', note: 'again' });
  await vi.waitFor(() => expect(recorder.counters.written).toBe(3));
  for (const { metadata } of await find())
    await client
      .resource(events)
      .namespace('default')
      .delete(metadata?.name ?? '');
  recorder.event(about, { reason: 'Greeted', action: 'Greeting', note: 'again' });
  await vi.waitFor(() => expect(recorder.counters.written).toBe(4));
  const [anew] = await find();
  expect(anew?.series).toMatchObject({ count: 2 });
  stop.abort();
  await ended;
  return undefined;
});
