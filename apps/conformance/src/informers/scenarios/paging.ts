import {
  answer,
  broken,
  deleted,
  errorEvent,
  list,
  optional,
  refuse,
  repeated,
  watch,
} from '../script.ts';
import type { Scenario } from '../script.ts';
import { failure, thing, thingList } from '../things.ts';

const a = thing('a', '1');
const b = thing('b', '2');
const c = thing('c', '3');

/** Lists in one piece and in pages. */
export const paging: readonly Scenario[] = [
  { title: 'a list in one page is told as initial', steps: [list('10', [a, b])] },
  { title: 'an empty list syncs', steps: [list('10')] },
  { title: 'a list whose items are null is empty', steps: [list('10', null)] },
  {
    title: 'a list that does not mention items',
    steps: [
      { on: 'list', answer: answer(200, { ...thingList('10', []), items: undefined }) },
      optional(list('20', [a])),
    ],
  },
  {
    title: 'a list in three pages is joined',
    steps: [
      list('10', [a], { continue: 'two', remainingItemCount: 2 }),
      list('10', [b], { continue: 'three', remainingItemCount: 1 }),
      list('10', [c]),
    ],
  },
  {
    title: 'a page without items does not end a list',
    steps: [
      list('10', [a], { continue: 'two' }),
      list('10', [], { continue: 'three' }),
      list('10', [b]),
    ],
  },
  {
    title: 'a continue token with signs of its own is sent back as it came',
    steps: [list('10', [a], { continue: 'a+b/c=&d?e%20ü' }), list('10', [b])],
  },
  {
    title: 'an object that moved to a later page while the list was read',
    steps: [list('10', [a, b], { continue: 'two' }), list('10', [thing('b', '9'), c])],
  },
  {
    title: 'the version of the first page counts',
    steps: [list('10', [a], { continue: 'two' }), list('12', [b])],
  },
  {
    title: 'an expired token on the second page leads to a whole list',
    steps: [
      list('10', [a], { continue: 'two' }),
      refuse('list', failure(410, 'Expired')),
      list('20', [a, b]),
    ],
  },
  {
    title: 'an expired token that comes with an inconsistent one leads to a whole list',
    steps: [
      list('10', [a], { continue: 'two' }),
      refuse('list', failure(410, 'Expired', { metadata: { continue: 'inconsistent' } })),
      list('20', [a, b]),
    ],
  },
  {
    title: 'an expired token on the third page leads to a whole list',
    steps: [
      list('10', [a], { continue: 'two' }),
      list('10', [b], { continue: 'three' }),
      refuse('list', failure(410, 'Expired')),
      list('20', [c]),
    ],
  },
  {
    title: 'a whole list that comes in pages after an expired token is taken as it is',
    steps: [
      list('10', [a], { continue: 'two' }),
      refuse('list', failure(410, 'Expired')),
      list('20', [a], { continue: 'two' }),
    ],
  },
  {
    title: 'a whole list that fails after an expired token is tried again after a backoff',
    steps: [
      list('10', [a], { continue: 'two' }),
      refuse('list', failure(410, 'Expired')),
      refuse('list', failure(500, 'InternalError')),
      list('20', [a, b]),
    ],
  },
  {
    title: 'a whole list that has expired too is made once more at the newest version',
    steps: [
      list('10', [a], { continue: 'two' }),
      refuse('list', failure(410, 'Expired')),
      refuse('list', failure(410, 'Expired')),
      list('20', [a, b]),
    ],
  },
  {
    title: 'a token that is gone, as servers before 1.18 may say, leads to a list',
    steps: [
      list('10', [a], { continue: 'two' }),
      refuse('list', failure(410, 'Gone')),
      list('20', [a, b]),
    ],
  },
  {
    title: 'a failure on the second page starts the list anew',
    steps: [
      list('10', [a], { continue: 'two' }),
      refuse('list', failure(500, 'InternalError')),
      list('12', [a], { continue: 'two' }),
      list('12', [b]),
    ],
  },
  {
    title: 'a connection that is reset on the second page costs that page only',
    steps: [list('10', [a], { continue: 'two' }), broken('list', 'reset'), list('10', [b])],
  },
  {
    title: 'a list after paged ones is paged',
    steps: [
      list('10', [a], { continue: 'two' }),
      list('10', [b]),
      watch([errorEvent(410, 'Expired')]),
      list('20', [a], { continue: 'two' }),
      list('20', [thing('b', '20')]),
    ],
  },
  {
    title: 'a list after one in a piece is not limited',
    steps: [
      list('10', [a, b]),
      watch([errorEvent(410, 'Expired')]),
      list('20', [a, thing('b', '20')]),
    ],
  },
  {
    title: 'pages that lead to themselves',
    steps: [repeated(list('10', [a], { continue: 'same' }))],
    end: { requests: 6 },
  },
  {
    title: 'a list without a version is watched from the newest',
    steps: [list('', [a]), watch([deleted('a', '5')])],
  },
  { title: 'a list at version 0 is watched from there', steps: [list('0', [a])] },
];
