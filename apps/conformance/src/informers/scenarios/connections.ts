import {
  added,
  answer,
  broken,
  deleted,
  list,
  modified,
  optional,
  pause,
  watch,
} from '../script.ts';
import type { Answer, Ending, Scenario } from '../script.ts';
import { thing, thingList } from '../things.ts';

const before = [thing('a', '1'), thing('b', '2')];
const after = [thing('a', '1'), thing('c', '13')];
const changes = [modified('a', '11'), deleted('b', '12')];
/** Longer than a watch that counts as very short. */
const aWhile = pause(1200);

/** A list whose body ends after half of its bytes. */
function halfList(ending: Ending): Answer {
  const whole = JSON.stringify(thingList('10', before));
  return { ...answer(200, ''), pieces: [whole.slice(0, whole.length / 2)], ending };
}

const breaks = ['reset', 'cut'] as const;
const words = { reset: 'is reset', cut: 'is closed' } as const;

const everyBreak: readonly Scenario[] = breaks.flatMap((ending) => [
  {
    title: `a list whose connection ${words[ending]} before the answer is asked for again`,
    steps: [broken('list', ending), list('10', before)],
  },
  {
    title: `a list whose connection ${words[ending]} in the middle is asked for again`,
    steps: [{ on: 'list', answer: halfList(ending) }, list('10', before)],
  },
  {
    title: `a watch whose connection ${words[ending]} before the answer is asked for again without a list`,
    steps: [list('10', before), broken('watch', ending)],
  },
  {
    title: `a watch whose connection ${words[ending]} after events goes on from the last one`,
    steps: [list('10', before), watch(changes, ending), watch([added('c', '13')], 'hold')],
  },
  {
    title: `a watch whose connection ${words[ending]} in the middle of a line goes on from the last whole one`,
    steps: [
      list('10', before),
      watch([...changes, added('c', '13').slice(0, 40)], ending),
      watch([added('c', '13')], 'hold'),
    ],
  },
  {
    title: `a watch whose connection ${words[ending]} in the middle of its first line`,
    steps: [
      list('10', before),
      watch([added('c', '13').slice(0, 40)], ending),
      optional(list('20', after)),
    ],
  },
  {
    title: `a watch whose connection ${words[ending]} at once, before any event`,
    steps: [list('10', before), watch([], ending), optional(list('20', after))],
  },
  {
    title: `a watch whose connection ${words[ending]} after a while goes on without a list`,
    steps: [list('10', before), watch([aWhile], ending)],
  },
]);

/** Connections that break, and servers that are away. */
export const connections: readonly Scenario[] = [
  ...everyBreak,
  {
    title: 'a watch that ends properly in the middle of a line goes on from the last whole one',
    steps: [
      list('10', before),
      watch([...changes, added('c', '13').slice(0, 40)]),
      watch([added('c', '13')], 'hold'),
    ],
  },
  {
    title: 'a last line without its end counts',
    steps: [list('10', before), watch([...changes, added('c', '13').trimEnd()])],
  },
  {
    title: 'a list that ends properly in the middle is asked for again',
    steps: [{ on: 'list', answer: halfList('end') }, list('10', before)],
  },
  {
    title: 'a server that cannot be reached at first is asked until it can',
    downAtStartMs: 300,
    steps: [list('10', before)],
  },
  {
    title: 'a server that goes away in the middle of a watch is watched again without a list',
    steps: [list('10', before), watch(changes, { downMs: 300 }), watch([added('c', '13')], 'hold')],
  },
  {
    title: 'a server that goes away in the middle of a list is listed again',
    steps: [{ on: 'list', answer: halfList({ downMs: 300 }) }, list('10', before)],
  },
  {
    title: 'a watch that ends after events goes on from the last one',
    steps: [list('10', before), watch(changes), watch([added('c', '13')], 'hold')],
  },
  {
    title: 'a watch that ends at once leads to a list',
    steps: [list('10', before), watch([]), list('20', after)],
  },
  {
    title: 'watches that end at once again and again lead to lists',
    steps: [list('10', before), watch([]), list('20', after), watch([]), list('30', before)],
  },
  {
    title: 'a watch that ends after a quiet while goes on without a list',
    steps: [list('10', before), watch([aWhile])],
  },
  {
    title: 'a watch that is answered late but brings nothing leads to a list',
    steps: [list('10', before), watch([pause(300)]), list('20', after)],
  },
  {
    title: 'watches that end after one event each cost no list',
    steps: [
      list('10', before),
      watch([modified('a', '11')]),
      watch([modified('a', '12')]),
      watch([modified('a', '13')]),
      watch([deleted('a', '14')]),
    ],
  },
];
