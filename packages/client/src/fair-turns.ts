/** How many bytes are parsed before other work gets its turn: a few milliseconds' worth. */
export const bytesPerTurn = 262_144;

/** Gives up the present turn of the event loop, so that sockets and timers get theirs. */
function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Hands out what comes of a stream in groups of at most {@link bytesPerTurn} bytes, with a turn of the event loop after so many bytes,
 * however fast they come.
 *
 * @param onYield - called at each turn given up; for tests
 */
export async function* inFairTurns(
  groups: AsyncIterable<readonly Buffer[]>,
  onYield?: () => void,
): AsyncGenerator<readonly Buffer[]> {
  let spent = 0;
  for await (const chunks of groups) {
    let pieces: Buffer[] = [];
    for (const chunk of chunks)
      for (let from = 0; from < chunk.length;) {
        const piece = chunk.subarray(from, from + bytesPerTurn - spent);
        from += piece.length;
        spent += piece.length;
        pieces.push(piece);
        if (spent < bytesPerTurn) continue;
        yield pieces;
        pieces = [];
        spent = 0;
        onYield?.();
        await yieldTurn();
      }
    if (pieces.length > 0) yield pieces;
  }
}
