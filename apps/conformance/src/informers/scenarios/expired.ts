import { added, broken, errorEvent, list, modified, refuse, watch } from '../script.ts';
import type { Scenario } from '../script.ts';
import { failure, thing } from '../things.ts';

const before = [thing('a', '1'), thing('b', '2'), thing('c', '3')];
const after = [thing('a', '1'), thing('b', '12'), thing('d', '14')];
const expired = failure(410, 'Expired');

/** The three ways to say that a version is too new, from the newest to the oldest server. */
const tooLarge = {
  'by the reason of a cause': failure(504, 'Timeout', {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    },
  }),
  'by the message of a cause': failure(504, 'Timeout', {
    details: { causes: [{ message: 'Too large resource version' }] },
  }),
  'by its message': failure(504, 'Timeout', {
    message: 'Too large resource version: 10, current: 9',
    details: { retryAfterSeconds: 1 },
  }),
};

const dialects: readonly Scenario[] = Object.entries(tooLarge).flatMap(([how, status]) => [
  {
    title: `a list of a version that is too large, said ${how}, is made at the newest version at once`,
    steps: [
      list('10', before),
      watch([errorEvent(410, 'Expired')]),
      refuse('list', status),
      list('20', after),
    ],
  },
  {
    title: `a watch of a version that is too large, said ${how}, leads to a list`,
    steps: [list('10', before), refuse('watch', status), list('20', after)],
  },
]);

/** Versions that the server has lost, or has not got to. */
export const expiredVersions: readonly Scenario[] = [
  {
    title: 'a first list that is answered with 410 is made at the newest version at once',
    steps: [refuse('list', expired), list('20', after)],
  },
  {
    title: 'a first list that is answered with 410 and Gone is made at the newest version at once',
    steps: [refuse('list', failure(410, 'Gone')), list('20', after)],
  },
  {
    title: 'a 410 without a Status counts as one',
    steps: [refuse('list', 'gone', { code: 410 }), list('20', after)],
  },
  {
    title: 'a second 410 in a row waits, and the newest version is asked for again',
    steps: [refuse('list', expired), refuse('list', expired), list('20', after)],
  },
  {
    title: 'the newest version is asked for until a list succeeds, and not longer',
    steps: [
      refuse('list', expired),
      refuse('list', failure(500, 'InternalError')),
      list('20', before),
      watch([errorEvent(410, 'Expired')]),
      list('30', after),
    ],
  },
  {
    title: 'a 410 as an event leads to a list no older than the last version',
    steps: [list('10', before), watch([errorEvent(410, 'Expired')]), list('20', after)],
  },
  {
    title: 'a 410 after events leads to a list no older than the last event',
    steps: [
      list('10', before),
      watch([modified('b', '12'), errorEvent(410, 'Expired')]),
      list('20', after),
    ],
  },
  {
    title: 'a 410 as an event with reason Gone leads to a list',
    steps: [list('10', before), watch([errorEvent(410, 'Gone')]), list('20', after)],
  },
  {
    title: 'a 410 as an event without a reason leads to a list',
    steps: [list('10', before), watch([errorEvent(410, '')]), list('20', after)],
  },
  {
    title: 'a 410 at the opening of a watch leads to a list',
    steps: [list('10', before), refuse('watch', expired), list('20', after)],
  },
  {
    title: 'a 410 at a watch and at the list after it leads to the newest version',
    steps: [
      list('10', before),
      refuse('watch', expired),
      refuse('list', expired),
      list('20', after),
    ],
  },
  {
    title: 'a 410 at a watch, and a list that is reset, still asks for no older version',
    steps: [
      list('10', before),
      refuse('watch', expired),
      broken('list', 'reset'),
      list('20', after),
    ],
  },
  {
    title: 'a 410 right after every list ends when the server has recovered',
    steps: [
      list('10', before),
      watch([errorEvent(410, 'Expired')]),
      list('20', after),
      watch([errorEvent(410, 'Expired')]),
      list('30', before),
      watch([added('e', '31')], 'hold'),
    ],
  },
  ...dialects,
  {
    title:
      'a list of a version that is too large and then fails is made at the newest version again',
    steps: [
      list('10', before),
      watch([errorEvent(410, 'Expired')]),
      refuse('list', tooLarge['by the reason of a cause']),
      refuse('list', failure(503, 'ServiceUnavailable')),
      list('20', after),
    ],
  },
  {
    title: 'a 504 that speaks of something else is an ordinary failure',
    steps: [
      list('10', before),
      watch([errorEvent(410, 'Expired')]),
      refuse('list', failure(504, 'Timeout')),
      list('20', after),
    ],
  },
];
