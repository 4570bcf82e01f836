import type { ObjectLike } from '@kubeloop/cache-store';
import { labelSelectorMatches, parseLabelSelector } from '@kubeloop/cache-store';
import { answerOf } from './answers.ts';

/** An object has appeared. */
export interface CreateEvent<T> {
  /** The object. */
  readonly object: T;
  /** Whether it was there already when the watch began. */
  readonly isInInitialList: boolean;
}

/** An object has changed, or its handler's resync is due. */
export interface UpdateEvent<T> {
  /** The object before. */
  readonly old: T;
  /** The object now; the same as `old` at a resync. */
  readonly new: T;
}

/** An object is gone. */
export interface DeleteEvent<T> {
  /** The last state that was seen. */
  readonly object: T;
  /** Whether the deletion itself was missed, so that `object` may be older than the last state. */
  readonly isStateUnknown: boolean;
}

/** Something outside the cluster concerns an object. */
export interface GenericEvent<T> {
  /** The object. */
  readonly object: T;
}

/**
 * Says which events matter, by kind of event. A kind without a function passes. Where a function throws or returns a
 * promise, an error is reported and the event passes: one reconcile too many does no harm, one too few does.
 */
export interface Predicate<T> {
  /** Whether the appearance of an object matters. */
  readonly create?: ((event: CreateEvent<T>) => boolean) | undefined;
  /** Whether a change matters. */
  readonly update?: ((event: UpdateEvent<T>) => boolean) | undefined;
  /** Whether a deletion matters. */
  readonly delete?: ((event: DeleteEvent<T>) => boolean) | undefined;
  /** Whether an outside event matters. */
  readonly generic?: ((event: GenericEvent<T>) => boolean) | undefined;
}

/** Passes updates that changed the resource version; resyncs do not. */
export const resourceVersionChanged: Predicate<ObjectLike> = changed(
  (object) => object.metadata?.resourceVersion,
);

/**
 * Passes updates that changed `metadata.generation`, which the API server raises at changes of `spec` only. Not for kinds
 * without a generation, such as ConfigMap: none of their updates would pass.
 */
export const generationChanged: Predicate<ObjectLike> = changed(
  (object) => object.metadata?.generation,
);

/** Passes updates that added, removed or changed a label. */
export const labelsChanged: Predicate<ObjectLike> = changed((object) =>
  canonical(object.metadata?.labels),
);

/** Passes updates that added, removed or changed an annotation. */
export const annotationsChanged: Predicate<ObjectLike> = changed((object) =>
  canonical(object.metadata?.annotations),
);

/** Passes every event about an object that fits; at an update the new object counts. */
export function objectPredicate<T>(fits: (object: T) => boolean): Predicate<T> {
  return {
    create: (event) => fits(event.object),
    update: (event) => fits(event.new),
    delete: (event) => fits(event.object),
    generic: (event) => fits(event.object),
  };
}

/**
 * Passes events about objects whose labels fit a selector: text such as `app in (a,b)`, or a selector object as in
 * `spec.selector`. An object that stops to fit passes no more, so it is for labels that never change.
 */
export function labelSelectorPredicate(
  selector: string | Parameters<typeof labelSelectorMatches>[0],
): Predicate<ObjectLike> {
  if (typeof selector === 'string') {
    const parsed = parseLabelSelector(selector);
    return objectPredicate((object) => parsed.matches(object.metadata?.labels ?? {}));
  }
  return objectPredicate((object) => labelSelectorMatches(selector, object.metadata?.labels ?? {}));
}

/** Passes what all of the predicates pass. */
export function and<T>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return {
    create: (event) => predicates.every((predicate) => answerOf(predicate.create?.(event))),
    update: (event) => predicates.every((predicate) => answerOf(predicate.update?.(event))),
    delete: (event) => predicates.every((predicate) => answerOf(predicate.delete?.(event))),
    generic: (event) => predicates.every((predicate) => answerOf(predicate.generic?.(event))),
  };
}

/** Passes what at least one of the predicates passes. */
export function or<T>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return {
    create: (event) => predicates.some((predicate) => answerOf(predicate.create?.(event))),
    update: (event) => predicates.some((predicate) => answerOf(predicate.update?.(event))),
    delete: (event) => predicates.some((predicate) => answerOf(predicate.delete?.(event))),
    generic: (event) => predicates.some((predicate) => answerOf(predicate.generic?.(event))),
  };
}

/** Passes what the predicate does not pass. A kind of event that it has no function for does not pass. */
export function not<T>(predicate: Predicate<T>): Predicate<T> {
  return {
    create: (event) => !answerOf(predicate.create?.(event)),
    update: (event) => !answerOf(predicate.update?.(event)),
    delete: (event) => !answerOf(predicate.delete?.(event)),
    generic: (event) => !answerOf(predicate.generic?.(event)),
  };
}

function changed(read: (object: ObjectLike) => string | number | undefined): Predicate<ObjectLike> {
  return {
    update(event: { readonly old?: ObjectLike; readonly new?: ObjectLike }) {
      if (event.old == null || event.new == null) return false; // handmade events may lack one
      return read(event.old) !== read(event.new);
    },
  };
}

function canonical(map: Readonly<Record<string, string>> | undefined): string {
  return JSON.stringify(Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}
