import { queueBuckets } from './buckets.ts';
import type { FamilyMaker, Histograms, Numbers } from './family-maker.ts';
import { PriorityLabels } from './priority-labels.ts';
import type { NumberSeries } from './series.ts';

/**
 * Whose labels the metrics of work queues have: `controller-runtime` has `name` and `controller`, which are the same, the
 * depth by `priority`, and 12 buckets; `client-go`, as Kubernetes' own components, has `name` and 10 buckets.
 */
export type QueueStyle = 'controller-runtime' | 'client-go';

/** The instruments of one queue; what `@kubeloop/workqueue` calls `QueueMetrics`. */
export interface QueueInstruments {
  /** `workqueue_depth`. */
  readonly depth: { inc(priority?: number): void; dec(priority?: number): void };
  /** `workqueue_adds_total`. */
  readonly adds: { inc(): void };
  /** `workqueue_retries_total`. */
  readonly retries: { inc(): void };
  /** `workqueue_queue_duration_seconds`. */
  readonly queueDuration: { observe(seconds: number): void };
  /** `workqueue_work_duration_seconds`. */
  readonly workDuration: { observe(seconds: number): void };
  /** `workqueue_unfinished_work_seconds`. */
  readonly unfinishedWork: { set(seconds: number): void };
  /** `workqueue_longest_running_processor_seconds`. */
  readonly longestRunningProcessor: { set(seconds: number): void };
}

type QueueLabel = 'name' | 'controller';

/** The metrics of the work queues of a registry. */
export class QueueFamilies {
  readonly style: QueueStyle;
  readonly #depth: Numbers<QueueLabel | 'priority'>;
  readonly #adds: Numbers<QueueLabel>;
  readonly #retries: Numbers<QueueLabel>;
  readonly #queueDuration: Histograms<QueueLabel>;
  readonly #workDuration: Histograms<QueueLabel>;
  readonly #unfinishedWork: Numbers<QueueLabel>;
  readonly #longestRunning: Numbers<QueueLabel>;
  readonly #priorities = new Map<string, PriorityLabels>();

  constructor(maker: FamilyMaker, style: QueueStyle) {
    this.style = style;
    const isOfRuntime = style === 'controller-runtime';
    const labels: readonly QueueLabel[] = isOfRuntime ? ['name', 'controller'] : ['name'];
    const buckets = queueBuckets(isOfRuntime ? 12 : 10);
    this.#depth = maker.gauge({
      name: 'workqueue_depth',
      help: 'How many keys need work and are not being worked on',
      labels: isOfRuntime ? [...labels, 'priority'] : labels,
    });
    this.#adds = maker.counter({
      name: 'workqueue_adds_total',
      help: 'Additions that were not put together with an earlier one',
      labels,
    });
    this.#retries = maker.counter({
      name: 'workqueue_retries_total',
      help: 'Additions with a delay',
      labels,
    });
    this.#queueDuration = maker.histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long keys wait from their first addition until the work on them begins',
      labels,
      buckets,
    });
    this.#workDuration = maker.histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long the work on a key takes',
      labels,
      buckets,
    });
    this.#unfinishedWork = maker.gauge({
      name: 'workqueue_unfinished_work_seconds',
      help: 'How long the keys in work have been so, added up; what grows without an end is stuck',
      labels,
    });
    this.#longestRunning = maker.gauge({
      name: 'workqueue_longest_running_processor_seconds',
      help: 'How long the key that is in work the longest has been so',
      labels,
    });
  }

  /** The instruments of one queue. All series but those of priorities show from now on. */
  queue(name: string): QueueInstruments {
    const labels = { name, controller: name };
    return {
      depth: this.#depthOf(name),
      adds: this.#adds.series(labels),
      retries: this.#retries.series(labels),
      queueDuration: this.#queueDuration.series(labels),
      workDuration: this.#workDuration.series(labels),
      unfinishedWork: this.#unfinishedWork.series(labels),
      longestRunningProcessor: this.#longestRunning.series(labels),
    };
  }

  #depthOf(name: string): QueueInstruments['depth'] {
    const labels = { name, controller: name };
    if (this.style === 'client-go') {
      const depth = this.#depth.series({ ...labels, priority: '' });
      return { inc: () => depth.inc(), dec: () => depth.dec() };
    }
    let priorities = this.#priorities.get(name);
    if (!priorities) this.#priorities.set(name, (priorities = new PriorityLabels()));
    const known = new Map<string, NumberSeries>();
    const of = (given: number | undefined): NumberSeries => {
      const priority = priorities.labelOf(given);
      let depth = known.get(priority);
      if (!depth) known.set(priority, (depth = this.#depth.series({ ...labels, priority })));
      return depth;
    };
    return { inc: (priority) => of(priority).inc(), dec: (priority) => of(priority).dec() };
  }
}
