import { setTimeout as sleep } from 'node:timers/promises';
import { ApiServer } from '@kubeloop/apiserver';
import { configMaps, KubeClient } from '@kubeloop/client';
import { removeQueue } from '@kubeloop/shared-queue';
import { createNamespace } from '../cluster/prepare.ts';
import { colours, plain, type Style } from '../view/style.ts';
import { DemoProcess } from './demo-process.ts';
import { findBroker, type DemoBroker } from './find-broker.ts';
import { Ledger, type DemoRun } from './ledger.ts';
import { nowMs } from './messages.ts';
import { needsWork } from './orders.ts';
import { delayLevelsMs, namespace, partitions, type Settings } from './settings.ts';

const orders = 24;
const betweenRoundsMs = 3000;

/** How the demo of the shared queue runs. */
export interface SharedDemoOptions {
  /** One round, then the end; otherwise rounds until it is interrupted. */
  readonly once: boolean;
  /** A broker that is there; otherwise one is started. */
  readonly broker: string | undefined;
}

/**
 * One process that watches and three that work, on a real broker: one of the three is killed, and its keys move to the others.
 *
 * @throws Error when there is no broker, or an order is lost
 */
export async function runSharedDemo(
  { once, broker: url }: SharedDemoOptions,
  interrupted: AbortSignal,
): Promise<void> {
  const style = process.stdout.isTTY ? colours : plain;
  const broker = await findBroker(url);
  const server = new ApiServer();
  await server.start();
  const client = new KubeClient({ server: server.url, skipTLSVerify: true });
  const demo = new SharedDemo({ broker, client, server: server.url, style, interrupted });
  try {
    await demo.open();
    for (let round = 1; ; round += 1) {
      await demo.round(round);
      if (once) return;
      await sleep(betweenRoundsMs, undefined, { signal: interrupted });
    }
  } finally {
    await demo.close();
    await client.close();
    await server.close();
    await broker.close();
  }
}

interface SharedDemoParts {
  readonly broker: DemoBroker;
  readonly client: KubeClient;
  readonly server: string;
  readonly style: Style;
  readonly interrupted: AbortSignal;
}

class SharedDemo {
  readonly #parts: SharedDemoParts;
  readonly #queue = `demo-${process.pid}-${Date.now().toString(36)}`;
  readonly #ledger = new Ledger();
  #informer: DemoProcess | undefined;
  #workers: DemoProcess[] = [];
  #started = 0;

  constructor(parts: SharedDemoParts) {
    this.#parts = parts;
  }

  async open(): Promise<void> {
    const { broker, client, style, interrupted } = this.#parts;
    console.log(`One shared queue, four processes, on ${broker.title}`);
    await createNamespace(client, { name: namespace }, interrupted);
    this.#informer = new DemoProcess('informer-program.ts', this.#settings('informer'), () => {});
    await this.#informer.ready();
    for (let count = 0; count < 3; count += 1) await this.#startWorker();
    await this.#shared();
    console.log(`\n${style.strong('Who owns which of the partitions')}`);
    this.#showShares();
  }

  /** Changes all orders, kills a worker in the middle, and shows where its keys go. */
  async round(round: number): Promise<void> {
    const { style } = this.#parts;
    const wanted = `${round}`;
    const firstRun = this.#ledger.runs.length;
    await this.#order(wanted);
    console.log(`\n${style.strong(`${orders} orders, revision ${wanted}`)}`);

    const begun = (): number => this.#ledger.runs.length - firstRun;
    await this.#until('some orders are under way', () => begun() > orders / 3);
    // Runs that have just begun, so that they are still under way when the signal arrives.
    const busy = ({ name }: DemoProcess): number => this.#ledger.begunAfter(name, nowMs() - 100);
    await this.#until('a worker is busy', () => this.#workers.some((each) => busy(each) > 1));
    const [victim] = [...this.#workers].sort((a, b) => busy(b) - busy(a));
    if (victim === undefined) throw new Error('No worker is left');
    const owned = this.#ledger.owned(victim.name);
    const killedMs = nowMs();
    await victim.kill();
    const cut = this.#ledger.bury(victim.name, killedMs);
    this.#workers = this.#workers.filter((worker) => worker !== victim);
    console.log(
      style.bad(
        `kill -9 ${victim.pid}: ${victim.name} is gone, and with it partitions ${owned.join(' ')}`,
      ),
    );

    await this.#shipped(wanted);
    for (const run of cut) console.log(this.#moved(run, killedMs));
    const runs = this.#ledger.runs.slice(firstRun);
    for (const { name } of [victim, ...this.#workers])
      console.log(`${name} ran ${runs.filter((run) => run.worker === name).length} keys`);
    console.log(
      style.good(
        `✓ all ${orders} orders are shipped; ${runs.length} runs, ${this.#ledger.overlaps} keys in two processes at once`,
      ),
    );
    await this.#startWorker();
    await this.#shared();
    console.log(`\n${style.strong('A new worker takes its share')}`);
    this.#showShares();
  }

  /** Stops all processes, workers first, and removes the queue from a broker that stays. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map(async (worker) => worker.stop()));
    await this.#informer?.stop();
    const { broker } = this.#parts;
    const [url] = broker.urls;
    if (broker.isGiven && url !== undefined && this.#informer !== undefined)
      await removeQueue({ url, name: this.#queue, partitions, delayLevelsMs });
    if (this.#informer !== undefined) console.log('\nAll processes have ended.');
  }

  async #startWorker(): Promise<void> {
    this.#started += 1;
    const settings = this.#settings(`worker-${this.#started}`);
    const worker = new DemoProcess('worker-program.ts', settings, (from, message) =>
      this.#ledger.hear(from, message),
    );
    this.#workers.push(worker);
    await worker.ready();
  }

  #settings(identity: string): Settings {
    const { broker, server } = this.#parts;
    return { server, urls: broker.urls, queue: this.#queue, identity };
  }

  /** Writes the wanted revision into all orders, which are made where they are missing. */
  async #order(wanted: string): Promise<void> {
    const { client, interrupted: signal } = this.#parts;
    const resource = client.resource(configMaps).namespace(namespace);
    for (let index = 1; index <= orders; index += 1) {
      const metadata = { name: `order-${index}`, namespace };
      const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { wanted } };
      await resource.apply(configMap, { fieldManager: 'customer', signal });
    }
  }

  async #shipped(wanted: string): Promise<void> {
    const { client, interrupted: signal } = this.#parts;
    const resource = client.resource(configMaps).namespace(namespace);
    const isShipped = async (): Promise<boolean> => {
      const { items } = await resource.list({ signal });
      return (
        items.length === orders &&
        items.every((order) => order.data?.['wanted'] === wanted && !needsWork(order))
      );
    };
    await this.#until('all orders are shipped', isShipped);
  }

  #moved({ key, worker }: DemoRun, killedMs: number): string {
    const next = this.#ledger.runs.find((run) => run.key === key && run.fromMs > killedMs);
    if (next === undefined) return `${key} had been shipped by ${worker}`;
    const seconds = ((next.fromMs - killedMs) / 1000).toFixed(1);
    return `${key} was under way on ${worker}: runs again on ${next.worker}, ${seconds} s later`;
  }

  /** Waits until all partitions are owned, and every worker has some. */
  async #shared(): Promise<void> {
    await this.#until('the partitions are shared out', () => {
      const counts = this.#workers.map(({ name }) => this.#ledger.owned(name).length);
      return counts.every(Boolean) && counts.reduce((sum, count) => sum + count, 0) === partitions;
    });
  }

  #showShares(): void {
    for (const { name } of this.#workers)
      console.log(`${name}: ${this.#ledger.owned(name).join(' ') || 'none'}`);
  }

  async #until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const { interrupted: signal } = this.#parts;
    const deadlineMs = nowMs() + 60_000;
    while (!(await holds())) {
      if (nowMs() > deadlineMs)
        throw new Error(`Gave up after 60 s: it has not come true that ${what}`);
      await sleep(50, undefined, { signal });
    }
  }
}
