import type { ObjectLike } from '@kubeloop/cache-store';
import type { EventFields } from './event-object.ts';

/**
 * What a reconciler needs to tell people what happens to objects: an {@link EventRecorder} is one, and so is anything with
 * this method, such as one that notes events for a test: `const recorder = { event: vi.fn() }`.
 */
export interface EventRecorderLike {
  /** Records that something has happened to an object. An {@link EventRecorder} neither waits nor throws. */
  event(object: ObjectLike, fields: EventFields): void;
}
