import type { Registry } from 'prom-client';
import { ControllerFamilies } from './controller-metrics.ts';
import { FamilyMaker } from './family-maker.ts';
import { InformerFamilies } from './informer-metrics.ts';
import { LeaderFamilies } from './leader-metrics.ts';
import { QueueFamilies, type QueueStyle } from './queue-metrics.ts';
import { ReflectorFamilies } from './reflector-metrics.ts';
import { RequestFamilies } from './request-metrics.ts';
import { SharedQueueFamilies } from './shared-queue-metrics.ts';

/** All metrics of one registry. */
export interface Families {
  readonly queues: QueueFamilies;
  readonly sharedQueues: SharedQueueFamilies;
  readonly controllers: ControllerFamilies;
  readonly informers: InformerFamilies;
  readonly reflectors: ReflectorFamilies;
  readonly leaders: LeaderFamilies;
  readonly requests: RequestFamilies;
}

const known = new WeakMap<Registry, Families>();

/** One of all. Not a counter, whose name a registry changes. */
const anyName = 'workqueue_depth';

/**
 * The metrics of a registry, which are made once, and again after it was cleared: all that is counted in it is counted together.
 *
 * @throws Error when the registry has metrics of these names that others made, or work queues of another style
 */
export function familiesOf(registry: Registry, style: QueueStyle): Families {
  let families = known.get(registry);
  if (!families || !registry.getSingleMetric(anyName)) {
    families = new FamilyMaker(registry).make((maker) => ({
      queues: new QueueFamilies(maker, style),
      sharedQueues: new SharedQueueFamilies(maker),
      controllers: new ControllerFamilies(maker),
      informers: new InformerFamilies(maker),
      reflectors: new ReflectorFamilies(maker),
      leaders: new LeaderFamilies(maker),
      requests: new RequestFamilies(maker),
    }));
    known.set(registry, families);
  }
  if (families.queues.style !== style)
    throw new Error(
      `Cannot count work queues as "${style}" in this registry: it has those of "${families.queues.style}"; use another registry`,
    );
  return families;
}
