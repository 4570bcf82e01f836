import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import { configMaps, KubeClient } from '@kubeloop/client';
import { expect, inject, test, vi } from 'vitest';
import { Manager } from '../src/manager.ts';

// What the global set-up of the integration run provides.
const controlPlane = inject('controlPlane' as never) as
  | { readonly server: string; readonly token: string; readonly ca: string }
  | { readonly skip: string };

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly lines: readonly string[];
}

/** Each kind of line once, without the names of checks. */
function shape(answer: string): readonly string[] {
  const lines = answer
    .split('\n')
    .map((line) => line.replace(/^(\[.\]).*? (ok|excluded: ok|failed: .*)$/, '$1<name> $2'));
  return [...new Set(lines)].toSorted();
}

test('answers to probes are those of kube-apiserver, line by line', async (context) => {
  if ('skip' in controlPlane) return context.skip(controlPlane.skip);
  const { server, token, ca } = controlPlane;
  await using client = new KubeClient({ server, token, ca });
  const manager = new Manager({ client, health: { port: 0, host: '127.0.0.1' } });
  manager.addReadyzCheck('etcd', () => {});
  manager
    .controller('health-format')
    .for(configMaps)
    .reconcile(() => {});
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  await vi.waitFor(() => expect(manager.describe().isReady).toBe(true), { timeout: 20_000 });
  const theirs = async (path: string): Promise<Answer> => {
    const request = get(server + path, { ca, headers: { authorization: `Bearer ${token}` } });
    // What the event of a request carries.
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const type = response.headers['content-type'];
    return { status: response.statusCode, type, lines: shape(await text(response)) };
  };
  const ours = async (path: string): Promise<Answer> => {
    const response = await fetch(`${manager.healthUrl}${path}`);
    const type = response.headers.get('content-type') ?? undefined;
    return { status: response.status, type, lines: shape(await response.text()) };
  };

  for (const path of [
    '/readyz',
    '/readyz?verbose',
    '/readyz?verbose&exclude=etcd',
    '/readyz?verbose&exclude=etcd&exclude=nobody',
    '/healthz/ping',
    '/readyz/etcd',
  ])
    expect([path, await ours(path)]).toEqual([path, await theirs(path)]);

  stop.abort();
  await ended;
  return undefined;
}, 60_000);
