import { checkCount, checkFunction } from './check.ts';
import { TurnBudget } from './turns.ts';

/** Options of {@link parallelizeUntil}. */
export interface ParallelizeOptions {
  /** How many pieces are worked on at a time; at least 1. */
  readonly workers: number;
  /** How many pieces there are. */
  readonly pieces: number;
  /** How many pieces a worker takes at a time; default 1. Larger chunks cost less for pieces that are quick. */
  readonly chunkSize?: number | undefined;
  /** Lets no further piece begin; the call then rejects with the signal's reason, unless all pieces were begun. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works on the pieces 0 to `pieces - 1`, several at a time, each exactly once.
 *
 * Resolves when all have been worked on, and rejects only when nothing is under way any more. A piece that
 * fails stops none of the others. It is `ParallelizeUntil` of client-go's `util/workqueue/parallelizer.go`.
 *
 * @throws RangeError for a number out of its range; TypeError when the work is no function
 * @throws the error of a piece that failed, or an AggregateError when several did
 * @throws the reason of the signal when it aborted before all pieces were begun
 *
 * @example
 * ```ts
 * import { parallelizeUntil } from '@kubeloop/workqueue';
 *
 * const squares: number[] = [];
 * await parallelizeUntil({ workers: 2, pieces: 4 }, (piece) => {
 *   squares[piece] = piece * piece;
 * });
 * squares; // => [0, 1, 4, 9]
 * ```
 */
export async function parallelizeUntil(
  options: ParallelizeOptions,
  work: (piece: number) => void | Promise<void>,
): Promise<void> {
  const workers = checkCount('workers', options.workers, 1);
  const pieces = checkCount('pieces', options.pieces, 0);
  const chunkSize = checkCount('chunkSize', options.chunkSize ?? 1, 1);
  checkFunction('Cannot parallelize: the work', work);
  const { signal } = options;
  const errors: unknown[] = [];
  const isAborted = (): boolean => signal?.aborted === true;
  // Only for the sake of the signal: a look at the time costs as much as an empty piece.
  const turn = signal && new TurnBudget();
  let nextPiece = 0;
  let begun = 0;
  const runChunk = async (begin: number): Promise<void> => {
    const end = Math.min(begin + chunkSize, pieces);
    for (let piece = begin; piece < end && !isAborted(); piece += 1) {
      begun += 1;
      try {
        const working = work(piece);
        // Work that is not asynchronous costs no turn of the microtask queue.
        if (working) await working;
      } catch (error) {
        errors.push(error);
      }
    }
  };
  const runWorker = async (): Promise<void> => {
    while (nextPiece < pieces && !isAborted()) {
      const begin = nextPiece;
      nextPiece += chunkSize;
      if (turn?.isSpent) await turn.renew();
      await runChunk(begin);
    }
  };
  const count = Math.min(workers, Math.ceil(pieces / chunkSize));
  await Promise.all(Array.from({ length: count }, runWorker));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1)
    throw new AggregateError(errors, `${errors.length} of ${pieces} pieces failed`);
  if (begun < pieces) signal?.throwIfAborted();
}
