import { isDeepStrictEqual } from 'node:util';
import type { ObjectLike } from '@kubeloop/cache-store';
import { sleep, stopRequested } from './abort.ts';
import { EventLoopTurns } from './event-loop.ts';
import { keyOf } from './key.ts';
import { listWhole } from './list.ts';
import type { Session } from './session.ts';

/** How long to wait after a list that failed. Source: client-go's `util/consistencydetector`. */
const retryMs = 1000;

/** A streaming list brought something else than a list of the same version. */
export class InconsistentListError extends Error {
  override readonly name: string = 'InconsistentListError';
}

/**
 * Lists again at exactly the version of a streaming list, and rejects with {@link InconsistentListError} when the
 * objects are not the same. For test environments: it doubles the work of the server.
 */
export async function assertConsistent<T extends ObjectLike>(
  session: Session<T>,
  streamed: readonly T[],
  resourceVersion: string,
): Promise<void> {
  const listed = await listExactly(session, resourceVersion);
  const { name, writer } = session.settings;
  const turns = new EventLoopTurns();
  const missing = new Map(streamed.map((obj) => [keyOf(obj), obj]));
  const differing: string[] = [];
  for (const raw of listed) {
    const obj = writer.tryTransform(raw);
    const key = keyOf(raw);
    if (obj && !isDeepStrictEqual(obj, missing.get(key))) differing.push(key);
    missing.delete(key);
    if (turns.isOver) await turns.yield();
  }
  differing.push(...missing.keys());
  if (differing.length === 0) return;
  const examples = differing.slice(0, 5).join(', ');
  throw new InconsistentListError(
    `Cannot trust the streaming list of "${name}" at resourceVersion ${resourceVersion}: ${differing.length} objects differ from a list, such as ${examples}`,
  );
}

async function listExactly<T extends ObjectLike>(
  session: Session<T>,
  resourceVersion: string,
): Promise<readonly T[]> {
  const { clock, name, selectors } = session.settings;
  const request = { ...selectors, resourceVersion, resourceVersionMatch: 'Exact' } as const;
  for (;;) {
    try {
      const whole = await listWhole((one) => session.list(one), request, {
        name,
        limit: undefined,
      });
      return whole.items;
    } catch (error) {
      if (error === stopRequested) throw error;
      session.report(error, 'watch-list', 'wait', { retryInMs: retryMs });
      await sleep(clock, retryMs, session.signal);
    }
  }
}
