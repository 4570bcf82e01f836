import type { Clock } from '@kubeloop/ratelimiter';
import type { ControllerParts } from './controller-host.ts';
import type { CommonControllerSettings } from './controller-options.ts';
import { Controller } from './controller.ts';
import type { Logger } from './logger.ts';
import { controllerMetricsOf, queueMetricsOf } from './manager-metrics.ts';
import type { ManagerOptions } from './manager-options.ts';
import { NameClaims } from './running-names.ts';

/** What a {@link ControllerSet} works with. */
export interface ControllerSetOptions {
  /** What all controllers have in common. */
  readonly options: ManagerOptions;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A controller, and how long its sources may take until somebody hears of it; zero for ever. */
export interface AddedController {
  readonly controller: Controller;
  readonly syncTimeoutMs: number;
}

/** The controllers of one manager, by name. */
export class ControllerSet {
  readonly #parts: ControllerSetOptions;
  readonly #all = new Map<string, Controller>();
  readonly #names = new NameClaims();
  readonly #namesToClaim: string[] = [];

  constructor(parts: ControllerSetOptions) {
    this.#parts = parts;
  }

  /** Each of them by its name. */
  get all(): ReadonlyMap<string, Controller> {
    return this.#all;
  }

  /**
   * Makes one with the settings of the manager where it has none of its own.
   *
   * @param isRunning - whether the names of the others are claimed already
   * @throws Error when there is one of this name, here or, while the manager runs, in the process
   */
  add(parts: ControllerParts, isRunning: boolean): AddedController {
    this.checkName(parts.name);
    const { options, logger, clock } = this.#parts;
    const { metrics, controllers = {}, cacheSyncTimeoutMs, gracefulShutdownTimeoutMs } = options;
    const controller = new Controller({
      logger,
      clock,
      cacheSyncTimeoutMs,
      gracefulShutdownTimeoutMs: gracefulShutdownTimeoutMs ?? 30_000,
      metrics: controllerMetricsOf(metrics),
      queueMetrics: options.queueMetrics ?? queueMetricsOf(metrics),
      tracer: options.tracer,
      ...definedOf(controllers),
      ...definedOf({ maxConcurrentReconciles: concurrencyOf(parts, controllers) }),
      ...definedOf(parts),
    });
    if (!(parts.skipNameValidation ?? controllers.skipNameValidation)) {
      if (isRunning) this.#names.claim(parts.name);
      else this.#namesToClaim.push(parts.name);
    }
    this.#all.set(parts.name, controller);
    const syncTimeoutMs =
      parts.cacheSyncTimeoutMs ?? controllers.cacheSyncTimeoutMs ?? cacheSyncTimeoutMs ?? 120_000;
    return { controller, syncTimeoutMs };
  }

  /** @throws Error when there is a controller of this name */
  checkName(name: string): void {
    if (this.#all.has(name))
      throw new Error(
        `Cannot add controller "${name}" to the manager: there is one of this name; choose another name`,
      );
  }

  /** Claims all names in this process or none. */
  claimNames(): void {
    try {
      for (const name of this.#namesToClaim) this.#names.claim(name);
    } catch (error) {
      this.#names.release();
      throw error;
    }
  }

  /** Lets other managers of this process have the names. */
  releaseNames(): void {
    this.#names.release();
  }
}

/** What the manager says of the kind that a controller is for. */
function concurrencyOf(
  { groupKind }: ControllerParts,
  { groupKindConcurrency, maxConcurrentReconciles }: CommonControllerSettings,
): number | undefined {
  const isSet = groupKindConcurrency && groupKind && Object.hasOwn(groupKindConcurrency, groupKind);
  return isSet ? groupKindConcurrency[groupKind] : maxConcurrentReconciles;
}

/** Without the members that are `undefined`, which would hide a default. */
function definedOf<T extends object>(options: T): T {
  // Only members whose value is undefined go, and each member of T that may be undefined is optional.
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}
