import { deleted, errorEvent, list, modified, watch } from '../script.ts';
import type { Scenario, Step } from '../script.ts';
import { thing } from '../things.ts';

const before = [thing('a', '1'), thing('b', '2'), thing('c', '3')];
const gap: Step = watch([errorEvent(410, 'Expired')]);

/** A gap between two lists. */
function relist(title: string, version: string, items: readonly unknown[] | null): Scenario {
  return { title, steps: [list('10', before), gap, list(version, items)] };
}

/** What was missed between a list and the next. */
export const gaps: readonly Scenario[] = [
  relist('objects that did not change in a gap', '20', before),
  relist('what was deleted in a gap is told as a tombstone', '20', [thing('b', '2')]),
  relist('all that was deleted in a gap is told as tombstones', '20', []),
  relist('a list without items after a gap deletes everything', '20', null),
  relist('what was added in a gap is told as an addition that is not initial', '20', [
    ...before,
    thing('d', '15'),
  ]),
  relist('what was changed in a gap is told as an update', '20', [
    thing('a', '15'),
    thing('b', '2'),
    thing('c', '16'),
  ]),
  relist('what was deleted and created again in a gap is an update with another uid', '20', [
    thing('a', '15', { uid: 'uid-a-2' }),
    thing('b', '2'),
    thing('c', '3'),
  ]),
  relist('another uid at the same version is an update', '20', [
    thing('a', '1', { uid: 'uid-a-2' }),
    thing('b', '2'),
    thing('c', '3'),
  ]),
  relist('other content at the same version', '20', [
    thing('a', '1', { spec: { other: true } }),
    thing('b', '2'),
    thing('c', '3'),
  ]),
  relist('a list that is older than the last one is taken as it is', '5', [thing('a', '1')]),
  relist('an object that is older in a later list is an update', '20', [
    thing('a', '0'),
    ...before.slice(1),
  ]),
  relist('an object that is listed twice counts as it is listed last', '20', [
    thing('a', '15'),
    ...before.slice(1),
    thing('a', '16'),
  ]),
  relist('objects that move to another namespace are others', '20', [
    thing('a', '15', { namespace: 'other' }),
    ...before.slice(1),
  ]),
  {
    title: 'a tombstone holds the last version that was seen',
    steps: [
      list('10', before),
      watch([modified('a', '11'), modified('a', '12'), errorEvent(410, 'Expired')]),
      list('20', before.slice(1)),
    ],
  },
  {
    title: 'what was deleted before a gap is not deleted again',
    steps: [
      list('10', before),
      watch([deleted('a', '11'), errorEvent(410, 'Expired')]),
      list('20', before.slice(1)),
    ],
  },
  {
    title: 'what a gap deleted and a later gap brings back is an addition',
    steps: [
      list('10', before),
      gap,
      list('20', before.slice(1)),
      gap,
      list('30', [thing('a', '25', { uid: 'uid-a-2' }), ...before.slice(1)]),
    ],
  },
  {
    title: 'three gaps in a row',
    steps: [
      list('10', before),
      gap,
      list('20', [thing('a', '15'), ...before.slice(1)]),
      gap,
      list('30', [thing('a', '15'), thing('b', '25')]),
      gap,
      list('40', [thing('a', '35'), thing('b', '25')]),
    ],
  },
];
