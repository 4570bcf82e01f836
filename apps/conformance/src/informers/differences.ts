import type { Difference } from './comparison.ts';

const firstList = 'LIST limit=500 resourceVersion=0';
const newestList = 'LIST limit=500';
const list = (version: string): string => `LIST resourceVersion=${version}`;
const watch = (version: string): string =>
  `WATCH allowWatchBookmarks=true resourceVersion=${version} timeoutSeconds=300..600`;
const stream =
  'STREAM allowWatchBookmarks=true resourceVersionMatch=NotOlderThan sendInitialEvents=true timeoutSeconds=300..600';

const a = { 'default/a': ['add uid-a@1 initial'] };
const b = { 'default/b': ['add uid-b@2 initial'] };
const c = { 'default/c': ['add uid-c@3 initial'] };
const storedA = { 'default/a': 'uid-a@1 f0da1427d075' };
const storedB = { 'default/b': 'uid-b@2 b8d13d087556' };
const bothListed = { told: { ...a, ...b }, store: { ...storedA, ...storedB } };

const listsOfOtherThings: readonly Difference[] = [
  {
    reason:
      'client-go takes any JSON object for a list and, where there are no items, for an empty one: caches are emptied by a Status. Ours tries again.',
    titles: ['a Status of a failure in place of a list', 'a single object in place of a list'],
    ours: { requests: [firstList, firstList, watch('20')], ...bothListed },
    asksMore: true,
  },
  {
    reason: 'The same; and the Status says that the version is not to be asked for again.',
    titles: ['a 410 as a Status in place of a list, with code 200'],
    ours: { requests: [firstList, newestList, watch('20')], ...bothListed },
    asksMore: true,
  },
  {
    reason:
      'The same: what has no items is not known to be a list. Kubernetes always writes them, if need be as null.',
    titles: ['a list that does not mention items'],
    ours: { requests: [firstList, firstList, watch('20')], told: a, store: storedA },
    asksMore: true,
  },
  {
    reason:
      'client-go stores null as an object without a name and tells handlers of it. Ours refuses the list and tries again.',
    titles: ['an item that is null'],
    ours: { requests: [firstList, firstList, watch('20')], ...bothListed },
    asksMore: true,
  },
  {
    reason:
      'An answer that does not say that it is JSON may be the page of a proxy. client-go reads it if it says nothing.',
    titles: ['a list without a content type'],
    ours: { requests: [firstList, firstList, watch('20')] },
    asksMore: true,
  },
];

const objects: readonly Difference[] = [
  {
    reason:
      'client-go stores objects that have no name and tells handlers of them. Ours reports them to onError.',
    titles: ['an item without a name'],
    ours: { told: a, store: storedA },
  },
  {
    reason: 'The same for an event.',
    titles: ['an event whose object has no metadata'],
    ours: {
      told: { ...a, 'default/b': [...b['default/b'], 'update uid-b@2 to uid-b@13'] },
      store: { ...storedA, 'default/b': 'uid-b@13 950d731fdd0a' },
    },
  },
  {
    reason: 'client-go adds an object twice that one list has twice. Ours tells the last one.',
    titles: ['an object that moved to a later page while the list was read'],
    ours: { told: { ...a, 'default/b': ['add uid-b@9 initial'], ...c } },
  },
  {
    reason: 'The same for an update: client-go tells two from the same old object.',
    titles: ['an object that is listed twice counts as it is listed last'],
    ours: { told: { 'default/a': [...a['default/a'], 'update uid-a@1 to uid-a@16'], ...b, ...c } },
  },
  {
    reason: 'JSON.parse knows doubles only; whole numbers above 2^53 are rounded.',
    titles: ['whole numbers that JavaScript cannot hold'],
    ours: { store: { 'default/a': 'uid-a@1 a445c1b9dcd9' } },
  },
];

const events: readonly Difference[] = [
  {
    reason:
      'client-go lists again for an event whose type it does not know. Ours reports it and goes on.',
    titles: ['an event of an unknown type'],
    ours: { requests: [firstList, watch('10'), watch('13')] },
  },
  {
    reason:
      'client-go lists again for an object that does not say its kind. Ours reports it and goes on.',
    titles: ['an event whose object says nothing of itself'],
    ours: { requests: [firstList, watch('10'), watch('13')] },
  },
  {
    reason:
      'client-go forgets its version, and its next watch replays everything. Ours goes on from the last version it knows.',
    titles: ['an event without a version'],
    ours: { requests: [firstList, watch('10'), watch('10')] },
  },
  {
    reason: 'The same for a bookmark.',
    titles: ['a bookmark without a version'],
    ours: { requests: [firstList, watch('10'), watch('20')] },
  },
  {
    reason:
      'Kubernetes ends each event with a new line, and ours relies on it. client-go reads JSON values, whatever is between them.',
    titles: ['two events on one line'],
    ours: { requests: [firstList, watch('10'), list('10'), watch('20')] },
    asksMore: true,
  },
];

const requests: readonly Difference[] = [
  {
    reason:
      'A token that is gone has expired, whichever reason the server gives; client-go heeds only "Expired" and asks for the newest version.',
    titles: ['a token that is gone, as servers before 1.18 may say, leads to a list'],
    ours: {
      requests: [firstList, 'LIST continue=two limit=500', list('0'), watch('20')],
    },
  },
  {
    reason:
      'A connection that breaks says nothing against the version. client-go lists when it breaks within a second after the headers, and watches again when it breaks before them; ours watches again in both cases.',
    titles: ['reset', 'closed'].flatMap((how) => [
      `a watch whose connection is ${how} at once, before any event`,
      `a watch whose connection is ${how} in the middle of its first line`,
    ]),
    ours: {
      requests: [firstList, watch('10'), watch('10')],
      ...bothListed,
    },
  },
  {
    reason: 'The same after a streaming list, which client-go makes again.',
    titles: ['reset', 'closed'].map(
      (how) => `a streaming list that is ${how} right after its end, before any event`,
    ),
    ours: { requests: [stream, watch('10')], ...bothListed },
  },
  {
    reason:
      'client-go asks again at once, and for ever, while a server answers the newest version with 410. Ours lists, which has a backoff.',
    titles: ['a 410 in the middle of the first streaming list'],
    ours: { requests: [stream, firstList, watch('10')] },
    asksMore: true,
  },
  {
    reason:
      'client-go reads on for ever, without a pause, where each page leads to itself, and keeps all it read. Ours refuses the token when it comes again, waits, and begins anew.',
    titles: ['pages that lead to themselves'],
    ours: {
      requests: [1, 2, 3].flatMap(() => [firstList, 'LIST continue=same limit=500']),
    },
  },
  {
    reason: 'Ours remembers for an hour that a server does not stream lists.',
    titles: ['a gap after streaming was refused'],
    ours: { requests: [stream, firstList, watch('10'), list('10'), watch('20')] },
  },
  {
    reason:
      'client-go streams again for ever, at once, where streams break before their end. Ours makes a list instead of the fourth.',
    titles: ['streaming lists that break four times in the middle'],
    ours: { requests: [stream, stream, stream, firstList, watch('10')] },
    asksMore: true,
  },
  {
    reason:
      'client-go waits for ever for the end of a streaming list (kubernetes#140890). Ours gives it up and lists.',
    titles: ['a streaming list whose end never comes'],
    ours: { requests: [stream, firstList, watch('10')], ...bothListed, synced: true },
    asksMore: true,
  },
  {
    reason: 'The same; changes and bookmarks are no new objects.',
    titles: ['a streaming list whose end never comes, with changes'],
    ours: { requests: [stream, firstList, watch('20')], ...bothListed, synced: true },
    asksMore: true,
  },
];

/** All wanted differences that show in scenarios of their own. */
export const differences: readonly Difference[] = [
  ...listsOfOtherThings,
  ...objects,
  ...events,
  ...requests,
];
