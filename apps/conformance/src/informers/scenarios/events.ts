import { added, bookmark, deleted, event, list, modified, optional, watch } from '../script.ts';
import type { Piece, Scenario } from '../script.ts';
import { thing } from '../things.ts';

const before = [thing('a', '1'), thing('b', '2')];

/** Events of one watch after a list of `a` and `b`, then another watch, which shows from where it goes on. */
function events(title: string, pieces: readonly Piece[]): Scenario {
  return { title, steps: [list('10', before), watch(pieces)] };
}

/** Events as they should not be, and as they may be. */
export const oddEvents: readonly Scenario[] = [
  events('changes are told in their order', [
    added('c', '11'),
    modified('c', '12'),
    modified('a', '13'),
    deleted('c', '14'),
    added('c', '15', { uid: 'uid-c-2' }),
  ]),
  events('an addition that comes twice', [added('c', '11'), added('c', '11')]),
  events('an update that comes twice', [modified('a', '11'), modified('a', '11')]),
  events('a deletion that comes twice', [deleted('a', '11'), deleted('a', '11')]),
  events('the addition of a known object is an update', [added('a', '11')]),
  events('the addition of a known object at its known version', [added('a', '1')]),
  events('the update of an unknown object is an addition', [modified('c', '11')]),
  events('the deletion of an unknown object is told', [deleted('c', '11')]),
  events('events that are out of order are taken in the order of their coming', [
    modified('a', '15'),
    modified('a', '12'),
    modified('b', '11'),
  ]),
  events('a deletion that is older than the object deletes', [
    modified('a', '15'),
    deleted('a', '12'),
  ]),
  events('an object of the same name with another uid is an update', [
    added('a', '11', { uid: 'uid-a-2' }),
    modified('a', '12', { uid: 'uid-a-2' }),
  ]),
  events('the deletion of an object with another uid deletes', [
    deleted('a', '11', { uid: 'uid-a-2' }),
  ]),
  events('an object that is deleted and created again is told as two', [
    deleted('a', '11'),
    added('a', '12', { uid: 'uid-a-2' }),
  ]),
  events('an update without a change of the version', [
    modified('a', '1', { spec: { changed: true } }),
    modified('a', '11'),
  ]),
  events('an event without a version', [modified('a', '')]),
  events('an event of an object without a uid', [added('c', '11', { uid: '' })]),
  events('objects of other namespaces are told apart', [
    added('a', '11', { namespace: 'other' }),
    deleted('a', '12', { namespace: 'other' }),
    added('a', '13', { namespace: '' }),
  ]),
  events('an event of another kind is passed over', [
    event('ADDED', { ...thing('c', '11'), kind: 'Other' }),
    modified('a', '12'),
  ]),
  events('an event of another version of the kind is passed over', [
    event('ADDED', { ...thing('c', '11'), apiVersion: 'example.com/v2' }),
    modified('a', '12'),
  ]),
  events('an event of another kind does not move the version', [
    event('ADDED', { ...thing('c', '11'), kind: 'Other' }),
    modified('a', '12'),
    event('ADDED', { ...thing('c', '13'), kind: 'Other' }),
  ]),
  events('a bookmark moves the version', [bookmark('50')]),
  events('a bookmark with fields of its own moves the version', [
    event('BOOKMARK', {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: {
        resourceVersion: '50',
        annotations: { 'example.com/new': 'yes' },
        unheard: { of: 1 },
      },
      spec: { containers: null },
      more: [1, 2],
    }),
  ]),
  events('a bookmark of another kind does not move the version', [
    modified('a', '11'),
    event('BOOKMARK', { apiVersion: 'v1', kind: 'Pod', metadata: { resourceVersion: '50' } }),
  ]),
  events('a bookmark that is older than the last event', [modified('a', '20'), bookmark('15')]),
  events('a bookmark without a version', [modified('a', '20'), bookmark('')]),
  events('bookmarks between events are told to nobody', [
    bookmark('11'),
    modified('a', '12'),
    bookmark('13'),
    deleted('a', '14'),
    bookmark('15'),
  ]),
  events('the end of initial events where nobody asked for them is a bookmark', [
    bookmark('50', { annotations: { 'k8s.io/initial-events-end': 'true' } }),
  ]),
  events('events with fields of their own are events', [
    `${JSON.stringify({ type: 'MODIFIED', object: thing('a', '11'), more: { of: 'it' } })}\n`,
  ]),
  {
    title: 'events that were seen already come again after a broken watch',
    steps: [
      list('10', before),
      watch([added('c', '11'), modified('c', '12')], 'cut'),
      watch([added('c', '11'), modified('c', '12'), modified('c', '13')], 'hold'),
    ],
  },
  {
    title: 'a deletion that was seen already comes again after a broken watch',
    steps: [
      list('10', before),
      watch([deleted('a', '11')], 'cut'),
      watch([deleted('a', '11')], 'hold'),
    ],
  },
  {
    title: 'an event of an unknown type',
    steps: [
      list('10', before),
      watch([modified('a', '11'), event('PATCHED', thing('b', '12')), modified('b', '13')]),
      optional(list('20', [thing('a', '11'), thing('b', '13')])),
    ],
  },
  {
    title: 'an event without a type',
    steps: [
      list('10', before),
      watch([`${JSON.stringify({ object: thing('b', '12') })}\n`, modified('b', '13')]),
      list('20', [thing('a', '1'), thing('b', '13')]),
    ],
  },
  {
    title: 'an event without an object',
    steps: [
      list('10', before),
      watch([`${JSON.stringify({ type: 'ADDED' })}\n`, modified('b', '13')]),
      list('20', [thing('a', '1'), thing('b', '13')]),
    ],
  },
  {
    title: 'an event whose object is null',
    steps: [
      list('10', before),
      watch([event('ADDED', null), modified('b', '13')]),
      list('20', [thing('a', '1'), thing('b', '13')]),
    ],
  },
  {
    title: 'an event whose object says nothing of itself',
    steps: [
      list('10', before),
      watch([event('ADDED', {}), modified('b', '13')]),
      optional(list('20', [thing('a', '1'), thing('b', '13')])),
    ],
  },
  {
    title: 'an event whose object has no metadata',
    steps: [
      list('10', before),
      watch([event('ADDED', { apiVersion: 'example.com/v1', kind: 'Thing' }), modified('b', '13')]),
    ],
  },
  {
    title: 'a line that is no JSON',
    steps: [
      list('10', before),
      watch([modified('a', '11'), 'this is no event\n', modified('b', '13')]),
      list('20', [thing('a', '11'), thing('b', '13')]),
    ],
  },
];
