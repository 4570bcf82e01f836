import {
  added,
  bookmark,
  broken,
  deleted,
  endOfInitialEvents as end,
  errorEvent,
  event,
  list,
  modified,
  optional,
  pause,
  refuse,
  stream,
  watch,
} from '../script.ts';
import type { Scenario, Step } from '../script.ts';
import { failure, thing } from '../things.ts';

const initial = [added('a', '1'), added('b', '2'), end('10')];
const listed = [thing('a', '1'), thing('b', '2')];
const newer = [added('a', '1'), added('c', '13'), end('20')];
const tooMany = failure(429, 'TooManyRequests');

/** A scenario in which the informer may stream. */
function streamed(title: string, steps: readonly Step[], more: Partial<Scenario> = {}): Scenario {
  return { title, watchList: true, steps, ...more };
}

const everyRefusal: readonly Scenario[] = Object.entries({
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  500: 'InternalError',
  503: 'ServiceUnavailable',
}).map(([code, reason]) =>
  streamed(`a streaming list that is refused with ${code} is followed by a list`, [
    refuse('stream', failure(Number(code), reason)),
    list('10', listed),
  ]),
);

const everyBreak: readonly Scenario[] = (['cut', 'reset', 'end'] as const).flatMap((ending) => {
  const how = { cut: 'is closed', reset: 'is reset', end: 'ends' }[ending];
  return [
    streamed(`a streaming list that ${how} in the middle of the initial events starts anew`, [
      stream([added('a', '1'), added('x', '2')], ending),
      stream(initial),
    ]),
    streamed(`a streaming list that ${how} right before its end starts anew`, [
      stream([added('a', '1'), added('b', '2')], ending),
      stream(initial),
    ]),
    streamed(`a streaming list that ${how} after its end goes on as a watch`, [
      stream([...initial, modified('a', '11')], ending),
      watch([modified('a', '12')], 'hold'),
    ]),
    streamed(`a streaming list that ${how} right after its end, before any event`, [
      stream(initial, ending),
      optional(stream(newer)),
    ]),
  ];
});

/** Lists by watches that begin with everything. */
export const streaming: readonly Scenario[] = [
  streamed('a streaming list is told as initial at its end', [stream(initial)]),
  streamed('a streaming list of nothing syncs', [stream([end('10')])]),
  streamed('a streaming list goes on as the watch', [
    stream([...initial, modified('a', '11'), deleted('b', '12'), added('c', '13')]),
  ]),
  streamed('changes before the end of a streaming list are part of it', [
    stream([
      added('a', '1'),
      added('b', '2'),
      modified('a', '11'),
      deleted('b', '12'),
      added('c', '13'),
      end('13'),
    ]),
  ]),
  streamed('an object that comes twice in a streaming list is told once', [
    stream([added('a', '1'), added('a', '5'), end('10')]),
  ]),
  streamed('bookmarks before the end of a streaming list do not end it', [
    stream([added('a', '1'), bookmark('5'), added('b', '2'), end('10')]),
  ]),
  streamed('a bookmark that says that the end is not yet does not end a streaming list', [
    stream([
      added('a', '1'),
      bookmark('5', { annotations: { 'k8s.io/initial-events-end': 'false' } }),
      added('b', '2'),
      end('10'),
    ]),
  ]),
  streamed('an end with other annotations beside it is an end', [
    stream([
      added('a', '1'),
      bookmark('10', {
        annotations: { 'k8s.io/initial-events-end': 'true', 'example.com/x': 'y' },
      }),
    ]),
  ]),
  streamed('a second end after the first is a bookmark', [stream([...initial, end('15')], 'end')]),
  streamed('an end of another kind does not end a streaming list', [
    stream([
      added('a', '1'),
      event('BOOKMARK', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
      }),
      added('b', '2'),
      end('10'),
    ]),
  ]),
  streamed('objects of another kind in a streaming list are passed over', [
    stream([event('ADDED', { ...thing('x', '1'), kind: 'Other' }), ...initial]),
  ]),
  streamed('a slow streaming list is waited for', [
    stream([added('a', '1'), pause(400), added('b', '2'), pause(400), end('10')]),
  ]),
  ...everyRefusal,
  ...everyBreak,
  streamed(
    'a streaming list whose end never comes',
    [stream([added('a', '1')]), optional(list('10', listed))],
    { end: { quietMs: 4000 } },
  ),
  streamed(
    'a streaming list whose end never comes, with changes',
    [
      stream([added('a', '1'), pause(200), modified('a', '11'), bookmark('12')]),
      optional(list('20', listed)),
    ],
    { end: { quietMs: 4000 } },
  ),
  streamed('an error in the middle of a streaming list leads to a list', [
    stream([added('a', '1'), added('x', '2'), errorEvent(500, 'InternalError')]),
    list('10', listed),
  ]),
  streamed('a 410 in the middle of the first streaming list', [
    stream([added('a', '1'), added('x', '2'), errorEvent(410, 'Expired')]),
    optional(stream(initial)),
    optional(list('10', listed)),
  ]),
  streamed('a 429 in the middle of a streaming list leads to another', [
    stream([added('a', '1'), added('x', '2'), errorEvent(429, 'TooManyRequests')]),
    stream(initial),
  ]),
  streamed('a 429 at the opening of a streaming list leads to another', [
    refuse('stream', tooMany),
    stream(initial),
  ]),
  streamed('a 429 with Retry-After at the opening of a streaming list leads to another', [
    refuse('stream', tooMany, { headers: { 'retry-after': '1' } }),
    stream(initial),
  ]),
  streamed('a 503 with Retry-After at the opening of a streaming list leads to another', [
    refuse('stream', failure(503, 'ServiceUnavailable'), { headers: { 'retry-after': '1' } }),
    stream(initial),
  ]),
  streamed('a streaming list whose connection is closed before the answer starts anew', [
    broken('stream', 'cut'),
    stream(initial),
  ]),
  streamed('a streaming list that ends at once is followed by a list', [
    stream([], 'end'),
    list('10', listed),
  ]),
  streamed('a streaming list whose connection is reset before the answer starts anew', [
    broken('stream', 'reset'),
    optional(stream(initial)),
    optional(list('10', listed)),
  ]),
  streamed('a server that goes away in the middle of a streaming list is asked again', [
    stream([added('a', '1'), added('x', '2')], { downMs: 300 }),
    stream(initial),
  ]),
  streamed(
    'a server that cannot be reached at first is asked for a stream until it can',
    [stream(initial)],
    {
      downAtStartMs: 300,
    },
  ),
  streamed('a 410 after a streaming list leads to another, no older than what was seen', [
    stream([...initial, modified('a', '11'), errorEvent(410, 'Expired')]),
    stream(newer),
  ]),
  streamed('a 410 at the opening of a second streaming list leads to one of the newest version', [
    stream([...initial, errorEvent(410, 'Expired')]),
    refuse('stream', failure(410, 'Expired')),
    stream(newer),
  ]),
  streamed(
    'a version that is too large for a second streaming list leads to one of the newest version',
    [
      stream([...initial, errorEvent(410, 'Expired')]),
      refuse(
        'stream',
        failure(504, 'Timeout', { details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } }),
      ),
      stream(newer),
    ],
  ),
  streamed(
    'a version that is too large, said in a second streaming list, leads to one of the newest version',
    [
      stream([...initial, errorEvent(410, 'Expired')]),
      stream([
        errorEvent(504, 'Timeout', {
          details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
        }),
      ]),
      stream(newer),
    ],
  ),
  streamed('what a second streaming list lacks is told as tombstones', [
    stream([...initial, errorEvent(410, 'Expired')]),
    stream([added('a', '15'), end('20')]),
  ]),
  streamed(
    'a streaming list that is refused by a watch that does not know it, in events, is followed by a list',
    [stream([errorEvent(422, 'Invalid')]), list('10', listed)],
  ),
  streamed('a gap after streaming was refused', [
    refuse('stream', failure(422, 'Invalid')),
    list('10', listed),
    watch([errorEvent(410, 'Expired')]),
    optional(refuse('stream', failure(422, 'Invalid'))),
    list('20', [thing('a', '1'), thing('c', '13')]),
  ]),
  streamed('lists that fail after a refused stream begin with a stream again', [
    refuse('stream', failure(403, 'Forbidden')),
    refuse('list', failure(403, 'Forbidden')),
    stream(initial),
  ]),
  streamed('streaming lists that break four times in the middle', [
    stream([added('x', '1')], 'cut'),
    stream([added('x', '1')], 'cut'),
    stream([added('x', '1')], 'cut'),
    optional(stream([added('x', '1')], 'cut')),
    optional(stream(initial)),
    optional(list('10', listed)),
  ]),
];
