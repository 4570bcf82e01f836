import { jobs } from '@kubeloop/client';
import type { Controller, Manager } from '@kubeloop/controller';
import type { SharedInformer } from '@kubeloop/informer';
import { vi } from 'vitest';
import { cronJobController } from '../src/cron-job/controller.ts';
import { cronJobs, type CronJob, type CronJobSpec } from '../src/cron-job/cron-job.ts';
import type { Job } from '../src/cron-job/jobs.ts';
import { jobTemplate } from './a-cron-job.ts';
import type { Cluster } from './cluster.ts';

/** How long to wait for what must come. */
export const patience = { timeout: 20_000, interval: 20 };

export const minuteMs = 60_000;

/** One CronJob, `hello`, and the time. */
export class Play {
  /** The time of day, for the controller. */
  time: Date = new Date();
  readonly #cluster: Cluster;
  readonly #controller: Controller;
  readonly #cached: SharedInformer<CronJob>;

  constructor(cluster: Cluster, manager: Manager) {
    this.#cluster = cluster;
    this.#cached = manager.informerFor(cronJobs);
    this.#controller = cronJobController(manager, { now: () => this.time });
  }

  async create(spec: Partial<CronJobSpec>): Promise<CronJob> {
    const { namespace } = this.#cluster;
    const { apiVersion, kind } = cronJobs;
    const metadata = { name: 'hello', namespace };
    // Uid and creation time come from the API server.
    const cronJob = { apiVersion, kind, metadata, spec: { jobTemplate, ...spec } } as CronJob;
    const created = await this.#cronJobs().create(cronJob);
    this.time = new Date(created.metadata.creationTimestamp);
    return created;
  }

  async change(spec: Partial<CronJobSpec>): Promise<void> {
    await this.#cronJobs().patch('hello', { spec }, { type: 'merge' });
  }

  /** Deletes the CronJob while a finalizer of somebody else holds it, and waits until the controller has seen that. */
  async beginDeletion(): Promise<void> {
    const all = this.#cronJobs();
    const metadata = { finalizers: ['example.com/held'] };
    await all.patch('hello', { metadata }, { type: 'merge' });
    await all.delete('hello');
    const cached = this.#cached.lister.byNamespace(this.#cluster.namespace);
    await vi.waitUntil(
      () => cached.get('hello')?.metadata.deletionTimestamp !== undefined,
      patience,
    );
  }

  async read(): Promise<CronJob> {
    return this.#cronJobs().get('hello');
  }

  /** Moves the time to the next full minute, and has the controller look, as its own timer would. */
  async minute(): Promise<void> {
    this.time = new Date((Math.floor(this.time.getTime() / minuteMs) + 1) * minuteMs);
    await this.#look();
  }

  /** Resolves when the controller has looked at the CronJob at the present time. */
  async looked(): Promise<void> {
    const before = this.#reconciles();
    await this.#look();
    await vi.waitUntil(
      () => this.#reconciles() > before && this.#controller.activeWorkers === 0,
      patience,
    );
  }

  /** The names of the Jobs that are not being deleted. */
  async jobNames(): Promise<readonly string[]> {
    const { items } = await this.#jobs().list();
    return items
      .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata?.name ?? '');
  }

  /** Waits until there are so many Jobs, the oldest first. */
  async startedJobs(count: number): Promise<readonly Job[]> {
    return vi.waitFor(async () => {
      const { items } = await this.#jobs().list();
      if (items.length !== count) throw new Error(`There are ${items.length} Jobs, not ${count}`);
      return items;
    }, patience);
  }

  /** Waits for the Job that has not ended. */
  async activeJob(): Promise<Job> {
    return vi.waitFor(async () => {
      const { items } = await this.#jobs().list();
      const job = items.find(({ status }) => status?.conditions === undefined);
      if (!job) throw new Error('No Job is active');
      return job;
    }, patience);
  }

  /** There is no kubelet: the test says how a Job has ended. */
  async end(job: Job | undefined, type: 'Complete' | 'Failed'): Promise<void> {
    const now = rfc3339(new Date());
    const reached = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    const condition = { status: 'True', lastProbeTime: now, lastTransitionTime: now };
    const status = {
      startTime: now,
      ...(type === 'Complete' && { completionTime: now }),
      conditions: [
        { type: reached, ...condition },
        { type, ...condition },
      ],
    };
    await this.#jobs().patchStatus(job?.metadata?.name ?? '', { status }, { type: 'merge' });
  }

  async #look(): Promise<void> {
    await this.#controller.enqueue({ namespace: this.#cluster.namespace, name: 'hello' });
  }

  #reconciles(): number {
    return Object.values(this.#controller.counters.reconciles).reduce((sum, each) => sum + each, 0);
  }

  #cronJobs() {
    return this.#cluster.admin.resource(cronJobs).namespace(this.#cluster.namespace);
  }

  #jobs() {
    return this.#cluster.admin.resource(jobs).namespace(this.#cluster.namespace);
  }
}

/** A time as the Kubernetes API writes it. */
export function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
