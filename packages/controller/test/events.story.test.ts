import { configMaps, coreEvents, events } from '@kubeloop/client';
import { expect, test, vi } from 'vitest';
import { Cluster } from './support/cluster.ts';

test('events of a controller are on the server, in both views, and their series are counted', async () => {
  await using cluster = await Cluster.start();
  const { manager, stop, log } = cluster.run(() => {});
  const recorder = manager.eventRecorder('example.com/greeting');
  expect(manager.eventRecorder('example.com/greeting')).toBe(recorder);
  const map = await cluster.client.resource(configMaps).create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'default' },
  });
  const greet = (): void =>
    recorder.event(map, { reason: 'Greeted', action: 'Greeting', note: 'hello' });
  greet();
  await vi.waitFor(() => expect(recorder.counters.written).toBe(1));
  greet();
  greet();
  await stop();

  expect(recorder.counters).toMatchObject({ written: 2, lost: 0 });
  expect(log.messages('warn')).toEqual([]);
  const [event] = (await cluster.client.resource(events).list()).items;
  expect(event).toMatchObject({
    reportingController: 'example.com/greeting',
    regarding: { kind: 'ConfigMap', name: 'a', uid: map.metadata?.uid },
    series: { count: 3 },
    type: 'Normal',
  });
  const [core] = (await cluster.client.resource(coreEvents).list()).items;
  expect(core).toMatchObject({ message: 'hello', involvedObject: { name: 'a' } });
  expect(() => manager.eventRecorder('late')).toThrow(
    'Cannot add event recorder "late" to the manager: it is stopped',
  );
});
