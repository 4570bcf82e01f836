import type { ControllerDescription } from './controller-options.ts';
import type { KnownState } from './health/health-checks.ts';
import { describeCause } from './health/health-checks.ts';
import type { SourceDescription } from './source.ts';

/** Why a controller does not work, one sentence for each cause; none when it does, or when it would if its manager led. */
export function whyNotReady(controller: ControllerDescription): string[] {
  const { name } = controller;
  const queueCause = whyNoQueue(controller);
  if (queueCause !== undefined) return [`Controller "${name}" waits for its queue: ${queueCause}`];
  const missing = missingSources(controller);
  if (missing.length > 0)
    return missing.map(
      (source) => `Controller "${name}" waits for source "${source.name}": ${whyNotSynced(source)}`,
    );
  const cause = whyNotWorking(controller);
  return cause === undefined ? [] : [`Controller "${name}" is ${cause}`];
}

/**
 * The readiness checks of a controller: `controller/<name>`, `controller/<name>/queue` for a queue that can fail, and
 * `controller/<name>/<source>` for each source. What only waits for the leadership is ready.
 */
export function readinessOf(controller: ControllerDescription): readonly KnownState[] {
  const own = `controller/${controller.name}`;
  const missing = new Set(missingSources(controller));
  const names = new Set<string>();
  const queueCause = whyNoQueue(controller);
  const queue = controller.queue
    ? [{ name: unlike(names, `${own}/queue`), cause: queueCause }]
    : [];
  const sources = controller.sources.map((source) => {
    const name = unlike(names, `${own}/${source.name}`);
    return { name, cause: missing.has(source) ? whyNotSynced(source) : undefined };
  });
  const isBlamed = queueCause !== undefined || missing.size > 0;
  return [
    { name: own, cause: isBlamed ? undefined : whyNotWorking(controller) },
    ...queue,
    ...sources,
  ];
}

/** Sources do not start before there is a queue, so that they are not to blame. */
function whyNoQueue({ state, queue }: ControllerDescription): string | undefined {
  if (state !== 'waiting' || !queue || queue.isReady) return undefined;
  return queue.lastError === undefined ? 'no answer yet' : describeCause(queue.lastError);
}

/** Those that hold the controller back, or that were added while it works and are not there yet. */
function missingSources(controller: ControllerDescription): readonly SourceDescription[] {
  const { state, sources } = controller;
  if (state !== 'waiting' && state !== 'running') return [];
  if (whyNoQueue(controller) !== undefined) return [];
  return sources.filter(({ isSynced }) => !isSynced);
}

function whyNotWorking({ state }: ControllerDescription): string | undefined {
  return state === 'running' || state === 'standby' ? undefined : state;
}

function whyNotSynced({ lastError }: SourceDescription): string {
  return lastError === undefined ? 'no answer yet' : describeCause(lastError);
}

/** Two sources of one name are told apart by a number. */
function unlike(taken: Set<string>, name: string): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name} ${number}`;
  taken.add(free);
  return free;
}
