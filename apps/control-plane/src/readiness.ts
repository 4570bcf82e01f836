import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Program } from './program.ts';

/** Lets copies of this module recognise each other's errors. */
const errorBrand: unique symbol = Symbol.for('@kubeloop/control-plane/ProgramStartError');

/** A program ended or stayed silent while it was waited for; the message quotes the end of its log. */
export class ProgramStartError extends Error {
  override readonly name: string = 'ProgramStartError';
  /** Whether the log says that a port was taken, so that other ports may help. */
  readonly portClash: boolean;

  constructor(message: string, portClash: boolean) {
    super(message);
    Object.defineProperty(this, errorBrand, { value: true });
    this.portClash = portClash;
  }

  /** Whether a value is such an error. */
  static is(value: unknown): value is ProgramStartError {
    return typeof value === 'object' && value !== null && errorBrand in value;
  }
}

/** What {@link waitUntilReady} needs. */
export interface WaitOptions {
  /** The program that is starting. */
  readonly program: Program;
  /** Whether it is ready; a rejection means not yet. */
  readonly probe: (signal: AbortSignal) => Promise<boolean>;
  /** How long to wait at most, in milliseconds. */
  readonly timeoutMs: number;
  /** Gives up waiting. */
  readonly signal: AbortSignal;
}

/**
 * Resolves when the probe says yes. Throws {@link ProgramStartError} when the program ends or the time is over,
 * and the reason of the signal when that aborts.
 */
export async function waitUntilReady(options: WaitOptions): Promise<void> {
  const { program, probe, timeoutMs, signal } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const ready = await probe(AbortSignal.any([signal, AbortSignal.timeout(2000)])).catch(
      () => false,
    );
    if (program.end !== undefined) throw await startError(program, `it ended with ${program.end}`);
    if (ready) return;
    if (performance.now() > deadline)
      throw await startError(program, `it was not ready after ${timeoutMs} ms`);
    // An abort ends the pause; the loop then throws its reason.
    const pause = sleep(40, undefined, { signal }).catch(() => undefined);
    await Promise.race([pause, program.ended]);
  }
}

async function startError(program: Program, reason: string): Promise<ProgramStartError> {
  const tail = await program.logTail();
  const quoted = tail === '' ? 'Its log is empty' : `The end of its log:\n${tail}`;
  return new ProgramStartError(
    `Cannot start ${program.name}: ${reason}. ${quoted}`,
    tail.includes('address already in use'),
  );
}

/** Whether an HTTPS address answers 200, with the certificate checked against `ca`. Rejects when it does not answer. */
export async function httpsOk(url: string, ca: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const request = httpsRequest(url, { ca, agent: false, signal }, (response) => {
    response.resume();
    response.once('error', reject);
    response.once('end', () => resolve(response.statusCode === 200));
  });
  request.once('error', reject);
  request.end();
  return promise;
}
