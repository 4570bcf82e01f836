import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

/** Where Debian's package `prometheus` puts the binary. */
const binary = '/usr/bin/prometheus';

/** What Prometheus's own tool has to say against metrics in the text format; empty when nothing. */
export function complaintsAbout(text: string): string {
  const { error, status, stdout, stderr } = spawnSync('/usr/bin/promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  if (error) throw error;
  return status === 0 ? stderr : `${stdout}${stderr}`;
}

/** One series of an answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** Why there is no Prometheus to test with; `undefined` when there is one. */
export function missingPrometheus(): string | undefined {
  return existsSync(binary)
    ? undefined
    : `There is no ${binary}: install it with "apt-get install -y --no-install-recommends prometheus"`;
}

/** A Prometheus that reads one target every second. */
export class Prometheus implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #url: string;

  private constructor(process: ChildProcess, folder: string, url: string) {
    this.#process = process;
    this.#folder = folder;
    this.#url = url;
  }

  /** Starts one. @param target - the host and port to read */
  static async start(target: string): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'kubeloop-prometheus-'));
    const config = join(folder, 'prometheus.yml');
    await writeFile(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [{ job_name: 'kubeloop', static_configs: [{ targets: [target] }] }],
      }),
    );
    const address = `127.0.0.1:${await freePort()}`;
    const settings = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
    ];
    const child = spawn(binary, settings, { stdio: ['ignore', 'inherit', 'inherit'] });
    const prometheus = new Prometheus(child, folder, `http://${address}`);
    await prometheus.#untilReady();
    return prometheus;
  }

  /** What a query finds now. @throws Error when it is no query */
  async query(query: string): Promise<readonly Series[]> {
    // Prometheus documents what it answers with.
    const answer = (await this.#get(`/api/v1/query?query=${encodeURIComponent(query)}`)) as {
      readonly data?: { readonly result: readonly Series[] };
      readonly error?: string;
    };
    if (!answer.data) throw new Error(`Prometheus refused "${query}": ${answer.error}`);
    return answer.data.result;
  }

  /** Why the target could not be read last; empty when it could. */
  async lastError(): Promise<string> {
    // Prometheus documents what it answers with.
    const answer = (await this.#get('/api/v1/targets')) as {
      readonly data: { readonly activeTargets: readonly { readonly lastError: string }[] };
    };
    return answer.data.activeTargets.map(({ lastError }) => lastError).join();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #get(path: string): Promise<unknown> {
    return (await fetch(this.#url + path)).json();
  }

  async #untilReady(): Promise<void> {
    for (;;) {
      if (this.#process.exitCode !== null)
        throw new Error(`Prometheus ended with ${this.#process.exitCode}`);
      // Each try waits for the one before.
      // oxlint-disable-next-line no-await-in-loop
      const answer = await fetch(`${this.#url}/-/ready`).catch(() => undefined);
      if (answer?.ok) return;
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port');
  return address.port;
}
