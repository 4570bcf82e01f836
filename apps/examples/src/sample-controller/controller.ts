import { deployments } from '@kubeloop/client';
import { resourceVersionChanged, type Controller, type Manager } from '@kubeloop/controller';
import {
  BucketRateLimiter,
  ItemExponentialFailureRateLimiter,
  MaxOfRateLimiter,
} from '@kubeloop/ratelimiter';
import { foos } from './foo.ts';
import { agentName, fooReconciler } from './reconciler.ts';

/** The controller of Foos: two workers, and retries that slow down for each Foo and for all of them together. */
export function fooController(manager: Manager): Controller {
  return manager
    .controller(agentName)
    .for(foos)
    .owns(deployments, { predicates: [resourceVersionChanged] }) // what a resync repeats changes nothing
    .withOptions({
      maxConcurrentReconciles: 2,
      rateLimiter: new MaxOfRateLimiter(
        new ItemExponentialFailureRateLimiter({ baseDelayMs: 5, maxDelayMs: 1_000_000 }),
        new BucketRateLimiter({ qps: 50, burst: 300 }),
      ),
    })
    .reconcile(fooReconciler(manager));
}
