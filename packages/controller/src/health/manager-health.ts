import type { Clock } from '@kubeloop/ratelimiter';
import type { ControllerDescription } from '../controller-options.ts';
import type { LeadershipState } from '../leadership.ts';
import type { Logger } from '../logger.ts';
import type { ManagerState } from '../manager-options.ts';
import { readinessOf } from '../readiness.ts';
import type { KnownState } from './health-checks.ts';
import { HealthChecks } from './health-checks.ts';
import type { HealthOptions } from './health-options.ts';
import { HealthServer } from './health-server.ts';

/** What {@link ManagerHealth} works with. */
export interface ManagerHealthOptions {
  readonly options: HealthOptions | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly state: () => ManagerState;
  readonly leadership: () => LeadershipState;
  /** The controllers by name. */
  readonly controllers: ReadonlyMap<string, { describe(): ControllerDescription }>;
}

/** What a manager's probes are answered from. */
export class ManagerHealth {
  /** Whether the process is any good: fails only by checks of the user, and holds until the end of the stop. */
  readonly healthz: HealthChecks;
  /** Whether it works, or would if it led: fails from the beginning of the stop. */
  readonly readyz: HealthChecks;
  /** `undefined` when nothing is to be served. */
  readonly server: HealthServer | undefined;

  constructor(parts: ManagerHealthOptions) {
    const { options, clock, logger } = parts;
    const timeoutMs = options?.checkTimeoutMs ?? 1000;
    const common = { clock, timeoutMs };
    this.healthz = new HealthChecks({
      ...common,
      name: 'healthz',
      builtIn: () => [{ name: 'ping', cause: undefined }],
    });
    this.readyz = new HealthChecks({ ...common, name: 'readyz', builtIn: () => readiness(parts) });
    const checks = [this.healthz, this.readyz];
    this.server = options && new HealthServer({ ...options, checks, logger });
  }
}

function readiness({ state, leadership, controllers }: ManagerHealthOptions): KnownState[] {
  const own = { name: 'manager', cause: state() === 'running' ? undefined : state() };
  const election = {
    name: 'leader-election',
    cause: leadership() === 'lost' ? 'the leadership was lost' : undefined,
  };
  const rest = Array.from(controllers.values(), (each) => readinessOf(each.describe())).flat();
  return leadership() === 'none' ? [own, ...rest] : [own, election, ...rest];
}
