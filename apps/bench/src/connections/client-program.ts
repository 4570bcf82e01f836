// The client that is measured: informers of many namespaces, or lists of all pods. Says what it did in lines of JSON.

import { createInterface } from 'node:readline';
import { configMaps, KubeClient, pods } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';

/** What the program is started with, as JSON in its first argument. */
export interface ClientConfig {
  readonly server: string;
  readonly token: string;
  readonly caFile: string;
  readonly http2: boolean;
  /** An informer of config maps is made for each; none: pods are listed. */
  readonly namespaces: readonly string[];
  readonly protobuf: boolean;
}

// The runner is the only caller.
const config = JSON.parse(process.argv[2] ?? '') as ClientConfig;
let requests = 0;
const client = new KubeClient({
  server: config.server,
  token: config.token,
  caFile: config.caFile,
  http2: config.http2,
  protobuf: config.protobuf,
  metrics: { tried: () => void (requests += 1) },
});
const say = (words: object): void => void process.stdout.write(`${JSON.stringify(words)}\n`);
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const factory = new SharedInformerFactory(client);
const beganMs = performance.now();
const beganCpuMs = cpuMs();
let objects = 0;
if (config.namespaces.length === 0) {
  const { items } = await client.resource(pods).list();
  objects = items.length;
} else {
  const informers = config.namespaces.map((namespace) =>
    factory.informerFor(configMaps, { namespace }),
  );
  factory.start();
  await factory.waitForCacheSync();
  objects = informers.reduce((sum, informer) => sum + informer.lister.list().length, 0);
}
const wallMs = performance.now() - beganMs;
const usedMs = cpuMs() - beganCpuMs;
globalThis.gc?.();
say({ objects, wallMs, cpuMs: usedMs, rss: process.memoryUsage().rss, requests });

for await (const line of createInterface({ input: process.stdin })) {
  say({ cpuMs: cpuMs() - beganCpuMs - usedMs, rss: process.memoryUsage().rss, requests });
  if (line === 'end') break;
}
await factory.shutdown();
await client.close();
process.stdin.destroy();
