import type { RequestMetrics } from '@kubeloop/client';
import { KubeClient } from '@kubeloop/client';
import { NamespaceSet, type ReflectorTuning, type ResourceDefaults } from '@kubeloop/informer';
import type { Clock } from '@kubeloop/ratelimiter';
import type { Consistency } from './consistency/consistent-client.ts';
import {
  checkBoolean,
  checkDuration,
  checkMethods,
  checkPositiveInteger,
  describeValue,
} from './option-checks.ts';

/** How a cluster is reached, and how its caches behave. */
export interface ClusterSettings {
  /** The connection to the API server; the caller closes it. Either this or `kubeConfig`. */
  readonly client?: KubeClient | undefined;
  /** What to make a connection from; it is closed at the stop. Either this or `client`. */
  readonly kubeConfig?: ConstructorParameters<typeof KubeClient>[0] | undefined;
  /** The namespace of all informers that name none. Default: all namespaces. */
  readonly namespace?: string | undefined;
  /** The namespaces of all informers that name none, which can change at any time; instead of `namespace`. */
  readonly namespaces?: NamespaceSet | undefined;
  /**
   * What holds for the informers of single kinds that are not asked for with something else: namespaces, selectors,
   * transforms. Made by `defaultsFor` of `@kubeloop/informer`.
   */
  readonly byResource?: readonly ResourceDefaults[] | undefined;
  /** Whether cached objects have their `metadata.managedFields`. Default false. */
  readonly keepManagedFields?: boolean | undefined;
  /**
   * How many first lists are read at the same time at the start, so that many kinds do not burden the API server at once; a whole
   * number from 1 up, see `SharedInformerFactoryOptions`. Default: no limit.
   */
  readonly maxConcurrentLists?: number | undefined;
  /** How often handlers are told of everything again. Default 0, which means never. */
  readonly resyncPeriodMs?: number | undefined;
  /**
   * How the informers list and watch, for example their `backoff` and `idleTimeoutMs`: shorter ones recover sooner from a
   * connection that is lost and ask the server more often. One `backoff` is shared by all informers. Default: that of
   * `@kubeloop/reflector`.
   */
  readonly reflector?: ReflectorTuning | undefined;
  /**
   * How far controllers are kept from acting on their own past, see {@link Consistency}; only what is written through
   * `consistentClient` counts. Default `barrier`, which costs nothing where nothing is written through it.
   */
  readonly consistency?: Consistency | undefined;
  /**
   * How long caches may take to show own writes before a reconcile is put off or a read of `consistentClient` fails.
   * Default 5,000.
   */
  readonly consistencyTimeoutMs?: number | undefined;
  /** Its `requests` is told of the requests of a client that is made from `kubeConfig`. Default: nobody. */
  readonly metrics?: { readonly requests?: RequestMetrics | undefined } | undefined;
  /** What the caches and a client that is made from `kubeConfig` tell the time by. Default: the clock of the process. */
  readonly clock?: Clock | undefined;
}

/**
 * Refuses settings that reach no cluster.
 *
 * @param what - what cannot be made of them, such as `a manager`
 */
export function checkClusterSettings(what: string, settings: ClusterSettings): void {
  if (typeof settings !== 'object' || settings === null)
    throw new TypeError(`Cannot make ${what} without options: it needs a client or a kubeConfig`);
  if (Boolean(settings.client) === Boolean(settings.kubeConfig))
    throw new TypeError(`Cannot make ${what}: it needs a client or a kubeConfig, and not both`);
  if (settings.resyncPeriodMs !== undefined)
    checkDuration('resyncPeriodMs', settings.resyncPeriodMs);
  if (settings.keepManagedFields !== undefined)
    checkBoolean('keepManagedFields', settings.keepManagedFields);
  if (settings.maxConcurrentLists !== undefined)
    checkPositiveInteger('maxConcurrentLists', settings.maxConcurrentLists);
  if (settings.consistencyTimeoutMs !== undefined)
    checkDuration('consistencyTimeoutMs', settings.consistencyTimeoutMs);
  checkConsistency(settings.consistency);
  checkByResource(settings.byResource);
  const requests: unknown = settings.metrics?.requests;
  if (requests !== undefined) checkMethods('requests of these metrics', requests, []);
  checkNamespace(settings.namespace);
  if (settings.namespaces === undefined) return;
  if (!NamespaceSet.is(settings.namespaces) || settings.namespace !== undefined)
    throw new TypeError(
      `Cannot make ${what}: namespaces must be a NamespaceSet, and there must be no namespace beside it`,
    );
}

/** The client that was given, or one made of what was, which follows the clock and tells the metrics of the cluster. */
export function clientOf({ client, kubeConfig, clock, metrics }: ClusterSettings): KubeClient {
  if (client) return client;
  // checkClusterSettings has seen that one of the two is there.
  const given = kubeConfig!;
  const options = 'getCurrentCluster' in given ? { kubeConfig: given } : given;
  return new KubeClient({
    ...options,
    clock: options.clock ?? clock,
    metrics: options.metrics ?? metrics?.requests,
  });
}

function checkByResource(byResource: unknown): void {
  if (byResource === undefined) return;
  if (!Array.isArray(byResource))
    throw new TypeError(
      `Cannot use ${describeValue(byResource)} as byResource: give an array of what defaultsFor answers`,
    );
  for (const each of byResource as readonly unknown[])
    if (typeof each !== 'object' || each === null || !('resource' in each && 'options' in each))
      throw new TypeError(
        `Cannot use ${describeValue(each)} in byResource: make it with defaultsFor`,
      );
}

function checkConsistency(consistency: unknown): void {
  if (![undefined, 'off', 'at-read', 'barrier'].includes(consistency as undefined))
    // any value may be looked for
    throw new TypeError(
      `Cannot use ${describeValue(consistency)} as consistency: it must be "off", "at-read" or "barrier"`,
    );
}

/** Refuses what could be no part of a path. Empty means all namespaces. */
function checkNamespace(namespace: unknown): void {
  if (namespace === undefined || namespace === '') return;
  if (typeof namespace !== 'string' || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace))
    throw new TypeError(
      `Cannot use ${JSON.stringify(namespace)} as namespace: it must consist of lower case letters, digits and "-"`,
    );
}
