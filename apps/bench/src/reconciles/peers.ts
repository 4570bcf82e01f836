import { buildGoProgram } from '@kubeloop/control-plane';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nowUs } from './gadgets.ts';

/** A controller that is measured. */
export interface Peer {
  readonly title: string;
  readonly command: string;
  readonly options: readonly string[];
}

/** What a subject is told. */
export interface SubjectOptions {
  readonly work: 'no-op' | 'status' | 'latency';
  readonly objects: number;
  readonly workers: number;
  readonly round: number;
}

/** What a subject says when it has reconciled all objects. */
export interface Done {
  /** From the start of its process to the end of the last reconcile, in milliseconds. */
  readonly wallMs: number;
  /** From the first reconcile to the end of the last, in milliseconds. */
  readonly reconcilingMs: number;
  /** Processor time of its process from its start, user and system, in milliseconds. */
  readonly cpuMs: number;
  /** The most memory that was resident, in KiB. */
  readonly peakRssKb: number;
}

/** What a subject says about single changes. */
export interface LatencyReport {
  /** From the moment before a change was sent to the beginning of its reconcile, in microseconds. */
  readonly latenciesUs: readonly number[];
  readonly cpuMs: number;
}

const subject = fileURLToPath(new URL('subject.ts', import.meta.url));

/**
 * Ours.
 *
 * @param nodeOptions - with `--conditions=@kubeloop/source` it runs from the sources, otherwise what was built
 */
export function kubeloop(nodeOptions: readonly string[]): Peer {
  return { title: 'Kubeloop', command: process.execPath, options: [...nodeOptions, subject] };
}

/** Ours, with a client whose writes the next reconcile waits for. */
export function consistentKubeloop(nodeOptions: readonly string[]): Peer {
  const { command, options } = kubeloop(nodeOptions);
  return { title: 'Kubeloop, `consistentClient`', command, options: [...options, '--consistent'] };
}

/** The peer in Go, or the reason why there is none. */
export async function controllerRuntime(): Promise<Peer | { readonly missing: string }> {
  const built = await buildGoProgram({
    module: fileURLToPath(new URL('../../go/', import.meta.url)),
    package: './cmd/reconciles',
    outputFolder: fileURLToPath(new URL('../../temp/', import.meta.url)),
  });
  if ('missing' in built) return built;
  return { title: 'controller-runtime', command: built.path, options: [] };
}

/** A subject while it runs. */
export interface Subject extends AsyncDisposable {
  readonly done: Promise<Done>;
  report(): Promise<LatencyReport>;
}

/** Starts a peer. It ends when it is disposed of. */
export function startSubject(
  peer: Peer,
  environment: Readonly<Record<string, string>>,
  options: SubjectOptions,
): Subject {
  const settings = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const startedUs = nowUs();
  const child = spawn(peer.command, [...peer.options, ...settings], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  /** The next line that tells of an event. */
  const heard = async (event: string): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const listen = (line: string): void => {
      const said = JSON.parse(line);
      if (said.event === event) resolve(said);
    };
    lines.on('line', listen);
    try {
      return await Promise.race([
        promise,
        exited.then(() => Promise.reject(new Error(`${peer.title} ended before "${event}"`))),
      ]);
    } finally {
      lines.off('line', listen);
    }
  };
  // The subjects are ours: what they say is what they write.
  const done = heard('done').then((said) => doneOf(said as Said, startedUs));
  done.catch(() => undefined); // whoever waits for it hears of it
  return {
    done,
    async report() {
      const said = heard('report');
      child.stdin.write('report\n');
      return (await said) as LatencyReport;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

interface Said {
  readonly atUs: number;
  readonly firstUs: number;
  readonly cpuMs: number;
  readonly peakRssKb: number;
}

function doneOf({ atUs, firstUs, cpuMs, peakRssKb }: Said, startedUs: number): Done {
  return {
    wallMs: (atUs - startedUs) / 1000,
    reconcilingMs: (atUs - firstUs) / 1000,
    cpuMs,
    peakRssKb,
  };
}
