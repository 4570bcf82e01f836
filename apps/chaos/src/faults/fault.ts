import type { ControlPlane } from '@kubeloop/control-plane';

import type { Direction } from '../pipe.ts';
import type { HttpApi } from '../http-api.ts';
import type { Proxy } from '../proxy.ts';
import type { Certificates } from '../certificates.ts';
import type { SubjectAccess } from '../subject-access.ts';
import type { Writer } from '../writer.ts';

/** What a fault may touch. */
export interface FaultWorld {
  readonly proxy: Proxy;
  readonly controlPlane: ControlPlane;
  readonly access: SubjectAccess;
  readonly writer: Writer;
  readonly certificates: Certificates;
  /** Requests as a user who may do everything, past the proxy. */
  readonly api: HttpApi;
}

/** How one fault goes; drawn from the seed, so that the same seed makes the same faults. */
export interface FaultParameters {
  /** How long it lasts, in milliseconds. */
  readonly durationMs: number;
  /** All connections of the subject, or one of them. */
  readonly scope: 'all' | 'one';
  readonly direction: Direction;
  /** From 0 to 99: which connection, how many bytes, how long a delay. */
  readonly amount: number;
}

/** A kind of fault. */
export interface Fault {
  readonly name: string;
  /** What it does, for the report. */
  readonly description: string;
  /** How often it comes in a hundred faults or so, next to the others. */
  readonly weight: number;
  /** In which phases it makes sense. Default: all. */
  readonly phases?: readonly string[];
  /** Whether it may be made while another one lasts. Default false. */
  readonly mayGoAlongside?: boolean;
  /** Makes it, lasts, and ends it; resolves when the world is whole again. */
  run(world: FaultWorld, parameters: FaultParameters): Promise<void>;
}
