import { checkBoolean, checkDuration, describeValue } from '../option-checks.ts';

/** Where and how `/healthz` and `/readyz` are served. */
export interface HealthOptions {
  /** The port; zero takes any that is free, see `manager.healthUrl`. */
  readonly port: number;
  /** The address to listen at. Default: all of this machine, so that the kubelet's probes come through. */
  readonly host?: string | undefined;
  /**
   * How long one check may take before it counts as failed, in milliseconds. Default 1000, the `timeoutSeconds` of a
   * probe that names none.
   */
  readonly checkTimeoutMs?: number | undefined;
  /**
   * Whether answers never say why a check fails, but `reason withheld`, as kube-apiserver's: causes can name service
   * accounts and kinds to whoever reaches the port. The log has them all the same. Default `false`: `?verbose` and a check
   * that is asked for by its name tell the cause.
   */
  readonly withholdReasons?: boolean | undefined;
}

/** Refuses what serves nothing. */
export function checkHealthOptions(options: HealthOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(
      `Cannot use ${describeValue(options)} as health: give an object with a port`,
    );
  const { port, host, checkTimeoutMs, withholdReasons } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(
      `Cannot use ${describeValue(port)} as port of the health checks: it must be a whole number from 0 to 65535`,
    );
  if (host !== undefined && typeof host !== 'string')
    throw new TypeError(
      `Cannot use ${describeValue(host)} as host of the health checks: it must be a text`,
    );
  if (checkTimeoutMs !== undefined) checkDuration('checkTimeoutMs', checkTimeoutMs);
  if (withholdReasons !== undefined) checkBoolean('withholdReasons', withholdReasons);
}
