import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlane, findAssets } from '@kubeloop/control-plane';
import { startTalker } from './lines.ts';
import { buildGoCommand } from './peers.ts';

/** What a cache must hold, to the last version. */
export interface Expectation {
  readonly objects: number;
  /** The sum of all resource versions. */
  readonly versions: number;
  /** The version of the collection, where versions can be foretold. */
  readonly version?: number;
}

/** A server with pods that change on demand. */
export interface PodSource extends AsyncDisposable {
  /** Environment variables that tell a peer where it is. */
  readonly environment: Readonly<Record<string, string>>;
  /** Changes as many pods, one after the other in turn, and resolves with what a cache must then hold. */
  churn(count: number): Promise<Expectation>;
  expect(): Promise<Expectation>;
  /**
   * Ends all watches so that clients list again, and changes one pod, to the version after the next one; `undefined` where
   * that cannot be had.
   */
  readonly expire: (() => Promise<Expectation>) | undefined;
}

const longMs = 1_200_000;

/** The server with prepared answers. */
export interface PreparedSource extends PodSource {
  /** What a cache of the first namespaces must hold; pods take fifty namespaces in turn. */
  expectOf(namespaces: number): Promise<Expectation>;
  /** How many connections clients have opened so far; only with `-tls`. */
  connections(): Promise<number>;
}

/**
 * The server whose answers are encoded before anybody asks.
 *
 * @param options - further options of `go/cmd/pod-server`
 */
export async function startPreparedSource(
  objects: number,
  options: readonly string[] = [],
): Promise<PreparedSource> {
  const command = await buildGoCommand('pod-server');
  const talker = startTalker(command, ['-objects', String(objects), ...options], process.env);
  const { server, control } = await talker.next(longMs);
  const call = async (path: string, method: string): Promise<string> => {
    const answer = await fetch(`${String(control)}/bench/${path}`, { method });
    if (!answer.ok) throw new Error(`Cannot ${path}: ${answer.status} ${await answer.text()}`);
    return answer.text();
  };
  // The server is ours.
  const expect = async (): Promise<Expectation> =>
    JSON.parse(await call('expect', 'GET')) as Expectation;
  return {
    environment: { BENCH_SERVER: String(server) },
    expect,
    // The server is ours.
    expectOf: async (namespaces) =>
      JSON.parse(await call(`expect?namespaces=${namespaces}`, 'GET')) as Expectation,
    connections: async () => Number(await call('connections', 'GET')),
    async churn(count) {
      await call(`churn?count=${count}`, 'POST');
      return expect();
    },
    async expire() {
      await call('expire', 'POST');
      return expect();
    },
    [Symbol.asyncDispose]: () => talker[Symbol.asyncDispose](),
  };
}

/** A real control plane over TLS, filled with pods by client-go. */
export async function startRealSource(objects: number): Promise<PodSource> {
  const assets = await findAssets();
  if ('missing' in assets) throw new Error(assets.missing);
  const controlPlane = new ControlPlane({
    assets,
    // The owners of the pods do not exist: a garbage collector would remove them.
    controllers: [],
    apiServerArgs: ['--disable-admission-plugins=ServiceAccount'],
  });
  await controlPlane.start();
  const folder = await mkdtemp(join(tmpdir(), 'kubeloop-bench-'));
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, controlPlane.ca);
  const environment = {
    BENCH_SERVER: controlPlane.server,
    BENCH_TOKEN: controlPlane.token,
    BENCH_CA_FILE: caFile,
  };
  const command = await buildGoCommand('pod-writer');
  const talker = startTalker(command, ['-objects', String(objects)], {
    ...process.env,
    ...environment,
  });
  const ask = async (line: string): Promise<Expectation> => {
    talker.tell(line);
    // The program is ours.
    return (await talker.next(longMs)) as unknown as Expectation;
  };
  await talker.next(longMs);
  return {
    environment,
    expect: () => ask('expect'),
    churn: (count) => ask(`churn ${count}`),
    expire: undefined,
    async [Symbol.asyncDispose]() {
      await talker[Symbol.asyncDispose]();
      await controlPlane.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
