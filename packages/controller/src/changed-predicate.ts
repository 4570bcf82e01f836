import { hash } from 'node:crypto';
import type { ObjectLike } from '@kubeloop/cache-store';
import { metaNamespaceKeyFunc } from '@kubeloop/cache-store';
import type { Clock } from '@kubeloop/ratelimiter';
import { systemClock } from '@kubeloop/ratelimiter';
import { handleRejection } from '@kubeloop/workqueue/engine';
import { checkDuration, checkFunction } from './option-checks.ts';
import type { Predicate } from './predicates.ts';

/** How {@link changed} remembers. */
export interface ChangedOptions {
  /** An object that was not heard of for longer is forgotten. Default 3,600,000: one hour, as in kube-rs. */
  readonly ttlMs?: number | undefined;
  /** Default: the clock of the process. */
  readonly clock?: Clock | undefined;
}

interface Seen {
  readonly fingerprint: string;
  readonly atMs: number;
}

/**
 * Passes events about objects whose chosen parts are not as they were when the object was last heard of; kube-rs calls it
 * `predicate_filter`. In contrast to predicates that compare an update's old and new object, it also holds resyncs and
 * relists back, and it sees changes that were missed in between.
 *
 * The first event about an object passes, and so do deletions. Another object of the same name, which has another uid, is
 * a new one. What is chosen is kept as a hash of its JSON text. It is remembered when it is looked at, even if another
 * predicate then stops the event, so put it last; and make one for each source, since each remembers for itself.
 *
 * @param select - chooses the parts: `(webApp) => [webApp.spec, webApp.metadata.labels]`
 * @throws TypeError when it is no function; RangeError when `ttlMs` is no duration
 */
export function changed<T extends ObjectLike>(
  select: (object: T) => unknown,
  { ttlMs = 3_600_000, clock = systemClock }: ChangedOptions = {},
): Predicate<T> {
  checkFunction('the selection of changed', select);
  checkDuration('ttlMs', ttlMs);
  const seen = new Map<string, Seen>();

  /** Those that were heard of longest ago come first. */
  function forgetOld(nowMs: number): void {
    for (const [key, { atMs }] of seen) {
      if (nowMs - atMs <= ttlMs) return;
      seen.delete(key);
    }
  }

  function isChanged(object: T): boolean {
    const nowMs = clock.now();
    forgetOld(nowMs);
    const key = idOf(object);
    const fingerprint = fingerprintOf(select(object));
    const before = seen.get(key);
    seen.delete(key);
    seen.set(key, { fingerprint, atMs: nowMs });
    return before?.fingerprint !== fingerprint;
  }

  return {
    create: ({ object }) => isChanged(object),
    update: (event) => isChanged(event.new),
    delete: ({ object }) => {
      seen.delete(idOf(object));
      return true;
    },
    generic: ({ object }) => isChanged(object),
  };
}

function idOf(object: ObjectLike): string {
  return `${metaNamespaceKeyFunc(object)}\n${object.metadata?.uid ?? ''}`;
}

function fingerprintOf(selected: unknown): string {
  if (handleRejection(selected, () => {}))
    throw new TypeError('The selection of changed returned a promise: it must return the parts');
  // Text stays apart from its hash by its length.
  const text = JSON.stringify(selected) ?? '';
  return text.length < 44 ? text : hash('sha256', text, 'base64');
}
