import { leaseCandidates, type KubeClient, type ResourceClient } from '@kubeloop/client';
import { Backoff, systemClock, type Clock } from '@kubeloop/ratelimiter';
import { checkFunction, checkMethods, checkName, checkOptions, checkSignal } from './checks.ts';
import { microTime } from './micro-time.ts';
import { failureReporter, type ReportFailure } from './reporter.ts';
import { pause } from './timing.ts';

/** After this time the candidate is renewed without being asked, as client-go does. */
const renewIntervalMs = 5 * 60_000;

type Candidate = NonNullable<(typeof leaseCandidates)['_type']>;

/** What a {@link LeaseCandidate} is made of. */
export interface LeaseCandidateOptions {
  /** The client that reads and writes the LeaseCandidate. */
  readonly client: Pick<KubeClient, 'resource'>;
  /** The namespace of the LeaseCandidate and of the Lease. It must exist. */
  readonly namespace: string;
  /** The name of the LeaseCandidate: the identity of the elector's lock. */
  readonly name: string;
  /** The name of the Lease that this process would like to hold. */
  readonly leaseName: string;
  /** The version of this program, such as `1.2.3`. */
  readonly binaryVersion: string;
  /** The version that this program behaves like, not above `binaryVersion`. Default: `binaryVersion`. */
  readonly emulationVersion?: string | undefined;
  /** How the cluster is to choose. Default `OldestEmulationVersion`. */
  readonly strategy?: string | undefined;
  /** Hears of failures, which are tried again. Default: a warning of the process. */
  readonly onError?: ((error: unknown, action: string) => void) | undefined;
  /** Measures all times. Default: the system's monotonic clock. */
  readonly clock?: Clock | undefined;
  /** The wall clock, in milliseconds since 1970. Default `Date.now`. */
  readonly wallClock?: (() => number) | undefined;
  /** A number from 0 up to 1, for the jitter of retries. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Puts a process up for a coordinated election (KEP-4355): a LeaseCandidate is created, is renewed when the cluster pings it, and comes back when it
 * was deleted. The elector beside it has `coordinated: true`. Alpha or beta in Kubernetes; the cluster must serve
 * `coordination.k8s.io/v1beta1`. As client-go's `LeaseCandidate`, without its informer.
 */
export class LeaseCandidate {
  readonly #options: LeaseCandidateOptions;
  readonly #candidates: ResourceClient<Candidate>;
  readonly #clock: Clock;
  readonly #wallClock: () => number;
  readonly #report: ReportFailure;
  readonly #backoff: Backoff;
  #renewedMs = -Infinity;

  /**
   * Starts nothing.
   *
   * @throws TypeError for a name or version that is no text or empty, and for other options that are none
   */
  constructor(options: LeaseCandidateOptions) {
    checkOptions('Cannot make a LeaseCandidate', options);
    checkMethods('the client', options.client, ['resource']);
    for (const name of ['namespace', 'name', 'leaseName', 'binaryVersion'] as const)
      checkName(name, options[name]);
    for (const name of ['emulationVersion', 'strategy'] as const)
      if (options[name] !== undefined) checkName(name, options[name]);
    for (const name of ['onError', 'wallClock', 'random'] as const)
      if (options[name] !== undefined) checkFunction(name, options[name]);
    if (options.clock !== undefined)
      checkMethods('the clock', options.clock, ['now', 'setTimeout']);
    const { clock = systemClock, random } = options;
    this.#options = options;
    this.#candidates = options.client.resource(leaseCandidates).namespace(options.namespace);
    this.#clock = clock;
    this.#wallClock = options.wallClock ?? ((): number => Date.now());
    this.#report = failureReporter(options.onError);
    this.#backoff = new Backoff({
      initialMs: 500,
      maxMs: 30_000,
      jitter: 1,
      resetAfterMs: 120_000,
      clock,
      random,
    });
  }

  /**
   * Keeps the candidate until the signal aborts, then resolves. The object stays, and the cluster drops it when it answers no ping.
   *
   * @throws TypeError without a signal
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    checkSignal('Cannot run the candidate', options?.signal);
    const { signal } = options;
    while (!signal.aborted) {
      try {
        const resourceVersion = await this.#ensure(signal);
        await this.#follow(resourceVersion, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#report(error, 'keep the candidate');
      }
      await pause(this.#clock, this.#backoff.next(), signal);
    }
  }

  /** Creates the candidate, or renews it if that is due. The version from which to follow it. */
  async #ensure(signal: AbortSignal): Promise<string> {
    const isDue = this.#clock.now() - this.#renewedMs >= renewIntervalMs;
    const { items, metadata } = await this.#candidates.list({ ...this.#selection, signal });
    const [found] = items;
    if (!found) await this.#create(signal);
    else if (isDue || isPinged(found)) await this.#renew(found, signal);
    return metadata.resourceVersion;
  }

  get #selection(): { readonly fieldSelector: string } {
    return { fieldSelector: `metadata.name=${this.#options.name}` };
  }

  async #create(signal: AbortSignal): Promise<void> {
    const { name, namespace, leaseName, binaryVersion, emulationVersion, strategy } = this.#options;
    const candidate: Candidate = {
      apiVersion: leaseCandidates.apiVersion,
      kind: leaseCandidates.kind,
      metadata: { name, namespace },
      spec: {
        leaseName,
        binaryVersion,
        emulationVersion: emulationVersion ?? binaryVersion,
        strategy: strategy ?? 'OldestEmulationVersion',
        renewTime: microTime(this.#wallClock()),
      },
    };
    await this.#candidates.create(candidate, { signal });
    this.#renewedMs = this.#clock.now();
  }

  async #renew(candidate: Candidate, signal: AbortSignal): Promise<void> {
    const now = microTime(this.#wallClock());
    const pinged = candidate.spec?.pingTime ?? '';
    // A clock behind the server's would otherwise never answer the ping.
    const spec = { ...candidate.spec, renewTime: pinged > now ? pinged : now };
    await this.#candidates.update({ ...candidate, spec }, { signal });
    this.#renewedMs = this.#clock.now();
  }

  /** Watches the candidate until it has to be looked at again: it is gone, was replaced, needs renewal, or the watch has ended. */
  async #follow(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const round = new AbortController();
    const stop = (): void => round.abort();
    const untilDueMs = this.#renewedMs + renewIntervalMs - this.#clock.now();
    const due = this.#clock.setTimeout(stop, Math.max(0, untilDueMs));
    signal.addEventListener('abort', stop, { once: true });
    const watch = { ...this.#selection, resourceVersion, signal: round.signal };
    try {
      for await (const event of this.#candidates.watch(watch)) {
        if (event.type === 'DELETED' || event.type === 'ERROR') return;
        if (event.type !== 'BOOKMARK' && isPinged(event.object))
          await this.#renew(event.object, round.signal);
      }
    } catch (error) {
      if (!round.signal.aborted) throw error;
    } finally {
      due.cancel();
      signal.removeEventListener('abort', stop);
      round.abort();
    }
  }
}

/** Whether the cluster has asked for a sign of life since the last one. Times of this form sort as text. */
function isPinged({ spec }: Candidate): boolean {
  return Boolean(spec?.pingTime && spec.pingTime > (spec.renewTime ?? ''));
}
