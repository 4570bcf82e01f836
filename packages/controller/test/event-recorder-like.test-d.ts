import { expectTypeOf } from 'vitest';
import type { EventFields, EventRecorder, EventRecorderLike, Manager } from '../src/index.ts';

// Recorders of a manager and of one's own are taken as they are.
expectTypeOf<EventRecorder>().toExtend<EventRecorderLike>();
expectTypeOf<ReturnType<Manager['eventRecorder']>>().toExtend<EventRecorderLike>();

// Nothing but the method is asked for.
const notes: string[] = [];
export const noting: EventRecorderLike = {
  event: (_object, { note }: EventFields) => void notes.push(note),
};

// @ts-expect-error: the class has more, which nothing but a class of its own can have
export const recorder: EventRecorder = noting;
