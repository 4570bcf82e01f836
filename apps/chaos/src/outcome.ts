/** How a subject came through one fault. */
export interface FaultOutcome {
  readonly phase: string;
  /** The fault's name, and how it went. */
  readonly fault: string;
  readonly details: string;
  readonly isFine: boolean;
  /** Whether everything was made good in the end, but too late; known only where the audit had the patience. */
  readonly isLate: boolean;
  /** How long after the end of the fault nothing differed any more, in milliseconds; the limit where something always did. */
  readonly stalenessMs: number;
  /** How many objects the cache lacked, or still had although they were gone, when the time was over. */
  readonly missing: number;
  /** How many objects the cache had an old version of when the time was over. */
  readonly stale: number;
  /** Whether the subject ended by itself. */
  readonly died: boolean;
  readonly problems: readonly string[];
}

/** Something that is looked at once a phase. */
export interface CheckOutcome {
  readonly phase: string;
  readonly check: string;
  readonly isFine: boolean;
  readonly details: string;
}

/** How much memory a subject had, in bytes, after so many faults. */
export interface MemorySample {
  readonly faults: number;
  readonly rss: number;
  readonly heapUsed: number;
}

/** Everything that came out of one phase. */
export interface PhaseOutcome {
  readonly phase: string;
  readonly faults: readonly FaultOutcome[];
  readonly checks: readonly CheckOutcome[];
  readonly memory: readonly MemorySample[];
  /** Writes that the server confirmed. */
  readonly writes: number;
  /** Handler calls, reconciles and reported errors of the subject. */
  readonly events: number;
  readonly reconciles: number;
  readonly errors: number;
  /** How many reported errors of each kind. */
  readonly errorKinds: Readonly<Record<string, number>>;
  readonly objects: number;
}
