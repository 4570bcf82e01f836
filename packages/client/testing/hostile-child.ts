/**
 * Calls servers whose answers never end, with the usual limits, in whatever heap this process has. Prints how many were
 * refused, the processor time of the longest turn of the event loop and the memory at the end. The servers run in a worker, so that their turns
 * are not counted.
 */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { KubeClient } from '../src/kube-client.ts';
import { pods } from '../src/resources-core.ts';
import { pour, startRawServer } from './raw-server.ts';

const limit = 16 * 1024 * 1024;
const answers = [
  ['watch', '{"type":"ADDED","object":"', 'a'.repeat(65_536)],
  ['watch', '{"type":"ADDED","object":"', 'a'.repeat(7)],
  ['list', '{"kind":"PodList","items":[{"a":"', 'a'.repeat(65_536)],
  ['get', '{"kind":"', 'a'.repeat(65_536)],
  ['list', '{"kind":"PodList","items":[{}', ',{}'.repeat(20_000)],
  ['list', '{"kind":"PodList","items":[{}', `,{"a":"${'a'.repeat(9000)}"}`.repeat(7)],
] as const;

function chunk(data: string): string {
  return `${data.length.toString(16)}\r\n${data}\r\n`;
}

async function serve(): Promise<void> {
  for (const [, start, rest] of answers) {
    const repeated = chunk(rest).repeat(Math.ceil(65_536 / rest.length));
    const server = await startRawServer((socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      socket.write(chunk(start));
      void pour(socket, repeated);
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
    parentPort?.postMessage(server.url);
  }
}

async function isRefused(kind: string, server: string): Promise<boolean> {
  // Node 22 runs this file, and has no `await using`.
  const client = new KubeClient({ server, skipTLSVerify: true, maxObjectBytes: limit });
  const resource = client.resource(pods);
  try {
    if (kind === 'list') await resource.list();
    else if (kind === 'get') await resource.namespace('a').get('b');
    else for await (const _ of resource.watch()) break;
    return false;
  } catch (error) {
    return /(?:longer than 16777216|larger than \d+) bytes/.test(String(error));
  } finally {
    await client.close();
  }
}

/** Measures turns of the event loop in time of the processor, of which other programs take none. */
function measureTurns(): { stop(): number } {
  let longest = 0;
  let isOver = false;
  let last = threadCpuMs();
  const turn = (): void => {
    const now = threadCpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    stop() {
      isOver = true;
      return longest;
    },
  };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const urls: string[] = [];
  await new Promise<void>((resolve) => {
    worker.on('message', (url: string) => {
      if (urls.push(url) === answers.length) resolve();
    });
  });
  // The first request imports what it needs, which is not what is measured.
  await isRefused('get', urls[3] ?? '');
  const turns = measureTurns();
  let refused = 0;
  for (const [index, [kind]] of answers.entries())
    if (await isRefused(kind, urls[index] ?? '')) refused += 1;
  const longestTurnMs = turns.stop();
  process.stdout.write(
    JSON.stringify({ refused, longestTurnMs, rssBytes: process.memoryUsage().rss }),
  );
  await worker.terminate();
} else await serve();
