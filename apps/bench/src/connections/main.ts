// Measures what 50 informers cost in connections, bytes, processor time and memory over HTTP/1.1 and HTTP/2, and lists of 20,000 pods.
//
//   node --conditions=@kubeloop/source src/connections/main.ts [--informers N] [--objects N] [--pods N] [--rounds N] [--idle SECONDS]

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { configMaps, KubeClient, namespaces } from '@kubeloop/client';
import { startTalker, type Talker } from '../pod-informers/lines.ts';
import { startRealSource } from '../pod-informers/sources.ts';
import type { ClientConfig } from './client-program.ts';
import { startCountingProxy, type CountingProxy } from './counting-proxy.ts';

const { values } = parseArgs({
  options: {
    informers: { type: 'string', default: '50' },
    objects: { type: 'string', default: '200' },
    pods: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    idle: { type: 'string', default: '95' },
  },
});
const [informers, objects, pods, rounds, idleS] = [
  values.informers,
  values.objects,
  values.pods,
  values.rounds,
  values.idle,
].map(Number) as [number, number, number, number, number];

const longMs = 120_000;
const program = fileURLToPath(new URL('client-program.ts', import.meta.url));
const names = Array.from({ length: informers }, (_, index) => `connections-${index}`);

console.error(`Writing ${pods} pods and ${informers * objects} config maps`);
const source = await startRealSource(pods);
const {
  BENCH_SERVER: server = '',
  BENCH_TOKEN: token = '',
  BENCH_CA_FILE: caFile = '',
} = source.environment;
const rows: Row[] = [];
try {
  await fill();
  for (let round = 1; round <= rounds; round += 1)
    for (const http2 of [false, true]) {
      rows.push(await listing(http2, true), await listing(http2, false), await syncing(http2));
      console.error(`Round ${round}, ${http2 ? 'HTTP/2' : 'HTTP/1.1'}`);
    }
  rows.push(...(await Promise.all([idling(false), idling(true)])));
  for (const title of new Set(rows.map((row) => row.title)))
    for (const http2 of [false, true]) console.log(lineOf(title, http2));
} finally {
  await source[Symbol.asyncDispose]();
}

/** What was measured once. */
interface Row {
  readonly title: string;
  readonly http2: boolean;
  readonly figures: Readonly<Record<string, number>>;
}

async function fill(): Promise<void> {
  const client = new KubeClient({ server, token, caFile, http2: true });
  try {
    const data = { text: 'x'.repeat(400) };
    for (const name of names) {
      await client.resource(namespaces).create({ metadata: { name } });
      const target = client.resource(configMaps).namespace(name);
      const numbers = Array.from({ length: objects }, (_, index) => index);
      await Promise.all(
        numbers.map((index) => target.create({ metadata: { name: `object-${index}` }, data })),
      );
    }
  } finally {
    await client.close();
  }
}

function start(proxy: CountingProxy, config: Partial<ClientConfig>): Talker {
  const whole = { server: proxy.url, token, caFile, namespaces: [], protobuf: true, ...config };
  const options = ['--expose-gc', '--conditions=@kubeloop/source', program, JSON.stringify(whole)];
  return startTalker(process.execPath, options, { ...process.env, NODE_ENV: 'production' });
}

/** Lets a program of its own do what is said, through a proxy that counts, and ends both. */
async function through<T>(
  config: Partial<ClientConfig>,
  act: (talker: Talker, proxy: CountingProxy) => Promise<T>,
): Promise<T> {
  const proxy = await startCountingProxy(server);
  const talker = start(proxy, config);
  try {
    return await act(talker, proxy);
  } finally {
    await talker[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  }
}

async function listing(http2: boolean, protobuf: boolean): Promise<Row> {
  return through({ http2, protobuf }, async (talker, proxy) => {
    const done = await numbersOf(talker);
    const title = `list ${pods} pods as ${protobuf ? 'protobuf' : 'JSON'}`;
    return { title, http2, figures: { ...done, mb: proxy.down() / 1e6 } };
  });
}

async function syncing(http2: boolean): Promise<Row> {
  return through({ http2, namespaces: names }, async (talker, proxy) => {
    const done = await numbersOf(talker);
    const figures = { ...done, connections: proxy.accepted(), upKb: proxy.up() / 1e3 };
    return { title: `sync ${informers} informers`, http2, figures };
  });
}

async function idling(http2: boolean): Promise<Row> {
  return through({ http2, namespaces: names }, async (talker, proxy) => {
    await numbersOf(talker);
    // What follows the lists, such as the beginning of watches, is not part of the idle time.
    await sleep(5000);
    talker.tell('report');
    const before = await numbersOf(talker);
    const [accepted, up, down] = [proxy.accepted(), proxy.up(), proxy.down()];
    await sleep(idleS * 1000);
    const counts = { connections: proxy.accepted() - accepted };
    const bytes = { upBytes: proxy.up() - up, downBytes: proxy.down() - down };
    talker.tell('end');
    const after = await numbersOf(talker);
    const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    const figures = { ...counts, ...bytes, requests: grown('requests'), cpuMs: grown('cpuMs') };
    return { title: `idle for ${idleS} s`, http2, figures };
  });
}

async function numbersOf(talker: Talker): Promise<Record<string, number>> {
  // The program says nothing but numbers.
  return (await talker.next(longMs)) as Record<string, number>;
}

/** The medians of one transport's rounds. */
function lineOf(title: string, http2: boolean): string {
  const own = rows.filter((row) => row.title === title && row.http2 === http2);
  const figures = Object.keys(own[0]?.figures ?? {}).map((name) => {
    const sorted = own.map((row) => row.figures[name] ?? 0).toSorted((a, b) => a - b);
    return `${name} ${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1)}`;
  });
  return `${title}, ${http2 ? 'HTTP/2' : 'HTTP/1.1'}: ${figures.join(', ')}`;
}
