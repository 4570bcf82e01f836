// The least that keeps all pods in memory: pages and a watch over node:http(s), JSON.parse, a Map. It checks nothing, tells
// nobody, and repairs nothing but a watch that is too old. No informer can be cheaper with JSON; none should be much dearer.

import * as http from 'node:http';
import * as https from 'node:https';
import { type OnUpdate, type Peer, runPeer, type Target } from './peer.ts';

interface Pod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion: string;
  };
}

interface PodList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly Pod[];
}

interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Pod;
}

class Floor implements Peer {
  #pods: Map<string, Pod> = new Map();
  #open: (query: string) => Promise<http.IncomingMessage> = () => Promise.reject(new Error());

  async sync(target: Target, onUpdate: OnUpdate): Promise<void> {
    const isSecure = target.server.startsWith('https:');
    const agent = isSecure
      ? new https.Agent({ keepAlive: true, ...(target.ca && { ca: target.ca }) })
      : new http.Agent({ keepAlive: true });
    const headers = {
      accept: 'application/json',
      ...(target.token !== undefined && { authorization: `Bearer ${target.token}` }),
    };
    this.#open = (query) =>
      new Promise((resolve, reject) => {
        (isSecure ? https : http)
          .get(`${target.server}/api/v1/pods?${query}`, { agent, headers }, resolve)
          .on('error', reject);
      });
    const version = await this.#list();
    void this.#watch(version, onUpdate);
  }

  objects(): Iterable<Pod> {
    return this.#pods.values();
  }

  async #list(): Promise<string> {
    const pods = new Map<string, Pod>();
    let next: string | undefined = '';
    let version = '';
    while (next !== undefined) {
      const answer = await this.#open(`limit=500&continue=${encodeURIComponent(next)}`);
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      // The server is trusted here, that is the point.
      const page = JSON.parse(Buffer.concat(chunks).toString()) as PodList;
      for (const pod of page.items) pods.set(keyOf(pod), pod);
      version = page.metadata.resourceVersion;
      next = page.metadata.continue;
    }
    this.#pods = pods;
    return version;
  }

  async #watch(version: string, onUpdate: OnUpdate): Promise<void> {
    const answer = await this.#open(
      `watch=true&allowWatchBookmarks=true&resourceVersion=${version}`,
    );
    answer.setEncoding('utf8');
    let rest = '';
    for await (const chunk of answer) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        // The server is trusted here, that is the point.
        const { type, object } = JSON.parse(line) as WatchLine;
        if (type === 'ERROR') {
          const before = this.#pods;
          const newest = await this.#list();
          for (const [key, pod] of this.#pods) {
            if (before.get(key)?.metadata.resourceVersion !== pod.metadata.resourceVersion)
              onUpdate(pod.metadata.resourceVersion);
          }
          void this.#watch(newest, onUpdate);
          return;
        }
        if (type === 'BOOKMARK') continue;
        if (type === 'DELETED') this.#pods.delete(keyOf(object));
        else this.#pods.set(keyOf(object), object);
        onUpdate(object.metadata.resourceVersion);
      }
    }
  }
}

function keyOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}

await runPeer(new Floor());
