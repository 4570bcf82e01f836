import type { Report } from './outcome.ts';

/** What a player is to play. */
export interface Order {
  /** A name of its own. */
  readonly id: string;
  /** Where the scripted server listens. */
  readonly url: string;
  readonly watchList: boolean;
}

/** A scenario that is being played. */
export interface Play {
  /** Resolves when the handler was told of the last object, or after {@link stop}. */
  readonly report: Promise<Report>;
  /** Ends it. */
  stop(): void;
}

/** An informer that scenarios can be played to, many at a time. */
export interface Player {
  play(order: Order): Play;
}
