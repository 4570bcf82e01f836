import { isForbidden, isGone } from '@kubeloop/client';
import type { ElectorSettings } from './elector-options.ts';
import type { ReportFailure } from './reporter.ts';
import { pause, withTimeout } from './timing.ts';

/**
 * How one who waits hears that the lock was given away, so that it need not wait for its next try. It only makes a try come sooner: what
 * counts is what that try reads, and a watch that fails, ends or lags behind costs no more than the time until the next try.
 *
 * A deletion wakes nobody. Nobody gives a lock away by deleting it: its holder goes on until its next renewal, by which it mostly
 * creates it again, and whoever came at once would lead beside it.
 */
export class ReleaseWatch {
  readonly #settings: ElectorSettings;
  readonly #report: ReportFailure;
  readonly #stop = new AbortController();
  /** The watch that is open. */
  #reading: Promise<void> | undefined;
  #openedMs = -Infinity;
  /** Whether the last that was heard, since the last pause, is a release. */
  #isReleased = false;
  #wake: () => void = () => {};
  /** Whether somebody was told that watching fails, since it worked last. */
  #isReported = false;
  #isForbidden = false;

  constructor(settings: ElectorSettings, report: ReportFailure) {
    this.#settings = settings;
    this.#report = report;
  }

  /**
   * Opens the watch unless it is open: right after the lock was read, from where the watch goes on. At most once per retry period, and not
   * again when it is forbidden.
   */
  open(): void {
    const { clock, coordinated, lock, retryPeriodMs, wakeOnRelease } = this.#settings;
    if (!lock.watch || !wakeOnRelease || coordinated || this.#isForbidden) return;
    const now = clock.now();
    if (this.#reading || now - this.#openedMs < retryPeriodMs) return;
    this.#openedMs = now;
    this.#reading = this.#read();
  }

  /** Resolves after `delayMs`, as soon as the signal aborts, or when a release was heard of since the last pause. Never rejects. */
  async pause(delayMs: number, signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    this.#wake = (): void => awake.abort();
    signal.addEventListener('abort', this.#wake, { once: true });
    if (this.#isReleased || signal.aborted) this.#wake();
    await pause(this.#settings.clock, delayMs, awake.signal);
    signal.removeEventListener('abort', this.#wake);
    this.#isReleased = false;
  }

  /** Ends the watch for good, without waiting for what the lock does about it. */
  stop(): void {
    this.#stop.abort(new Error('Nobody waits for the lock any more'));
  }

  /** Ends the watch for good. Resolves when nothing of it is left, and, having said so, when the lock does not end it in time. */
  async close(): Promise<void> {
    this.stop();
    const reading = this.#reading;
    if (!reading) return;
    const { clock, callTimeoutMs: timeoutMs, lock } = this.#settings;
    const { signal } = new AbortController();
    const what = `end the watch of ${lock.describe()}`;
    await withTimeout(what, { clock, timeoutMs, signal }, () => reading).catch((error: unknown) =>
      this.#report(error, 'watch'),
    );
  }

  async #read(): Promise<void> {
    const { signal } = this.#stop;
    const { lock } = this.#settings;
    let hasWorked = false;
    try {
      for await (const { holderIdentity } of lock.watch?.({ signal }) ?? []) {
        if (signal.aborted) break;
        hasWorked = true;
        this.#isReported = false;
        this.#isReleased = holderIdentity === '';
        if (this.#isReleased) this.#wake();
      }
    } catch (error) {
      // Versions grow old, and connections that have worked break: the next try opens another.
      if (!signal.aborted && !hasWorked && !isGone(error)) this.#fail(error);
    } finally {
      this.#reading = undefined;
    }
  }

  #fail(error: unknown): void {
    this.#isForbidden = isForbidden(error);
    if (this.#isReported) return;
    this.#isReported = true;
    this.#report(error, 'watch');
  }
}
