/** A case of which we make something else than the Go packages, on purpose. */
export interface Difference {
  /** The recording in which it occurs. */
  readonly topic: string;
  /** What is different. */
  readonly title: string;
  /** Why it stays so. */
  readonly reason: string;
  /** Whether a case that differs is of this kind: the case as recorded and as we make it. */
  covers(theirs: readonly unknown[], ours: readonly unknown[]): boolean;
}

type ShortReference = readonly [string, string, string, string, ...number[]];

/** All of them, one by one. Each occurs in the committed recordings, so that this list only gets shorter. */
export const differences: readonly Difference[] = [
  {
    topic: 'label-selectors',
    title: 'a text with a NUL character is refused',
    reason:
      'labels.Parse takes NUL for the end of the text and drops the rest, so that a selector selects more than it says',
    covers: ([text], ours) => String(text).includes('\0') && ours.length === 1,
  },
  {
    topic: 'field-selectors',
    title: 'requirements are sorted by their canonical text, in UTF-16 order',
    reason:
      'fields.ParseSelector sorts what was written, "==" before it becomes "=": equal selectors would have different texts',
    covers: (theirs, ours) =>
      theirs.length === 3 &&
      theirs[2] === ours[2] &&
      terms(String(theirs[1] === 0 ? theirs[0] : theirs[1])) ===
        terms(String(ours[1] === 0 ? ours[0] : ours[1])),
  },
  {
    topic: 'keys',
    title: 'an object without a name has no key',
    reason: 'no API server stores one; a store would take all of them for one object',
    covers: ([what, , name], ours) => what === 'object' && name === '' && ours[3] === 'refused',
  },
  {
    topic: 'keys',
    title: 'an object with a slash in its name or namespace has no key',
    reason: 'two different objects could have the same key, and such a key cannot be taken apart',
    covers: ([what, namespace, name], ours) =>
      what === 'object' &&
      `${String(namespace)}${String(name)}`.includes('/') &&
      ours[3] === 'refused',
  },
  {
    topic: 'owner-requests',
    title: 'a reference without a name counts as nothing',
    reason: 'no API server stores one; there is nothing to ask for',
    covers: ([, references]) => refs(references).some(([, , name]) => name === ''),
  },
  {
    topic: 'owner-requests',
    title: 'a bad API version does not hide the references after it',
    reason:
      'controller-runtime gives up at the first one, and the owners after it would miss their events',
    covers: (theirs, ours) =>
      refs(theirs[1]).some(([apiVersion]) => apiVersion.split('/').length > 2) &&
      asksMore(theirs, ours),
  },
  {
    topic: 'owner-requests',
    title: 'a version that the server does not serve counts like any other',
    reason:
      'group and kind say who the owner is; controller-runtime looks the version up too, and gives up at the first unknown one',
    covers: (theirs, ours) =>
      refs(theirs[1]).some(([apiVersion]) => unserved.has(apiVersion)) && asksMore(theirs, ours),
  },
  {
    topic: 'owner-references',
    title: 'removing a reference that is not there changes nothing, and is no error',
    reason: 'a reconciler asks for a state; that state is there already',
    covers: ([operation, , , , outcome], ours) =>
      operation === 'remove' && outcome === 'error' && isUnchanged(ours),
  },
  {
    topic: 'owner-references',
    title: 'every reference to an owner is removed',
    reason: 'controller-runtime removes the first one, and the object would still be owned',
    covers: ([operation, , , before, after], ours) =>
      operation === 'remove' &&
      Array.isArray(after) &&
      after.length === refs(before).length - 1 &&
      Array.isArray(ours[4]) &&
      ours[4].every((each) => after.includes(each)),
  },
  {
    topic: 'owner-references',
    title: 'an owner without a uid is refused',
    reason: 'the API server refuses the reference; the owner has not been created yet',
    covers: ([operation, owner], ours) =>
      isSet(operation) && fact(owner, 4) === '' && ours[4] === 'error',
  },
  {
    topic: 'owner-references',
    title: 'an owner without a name or an API version is refused',
    reason: 'the API server refuses the reference',
    covers: ([, owner], ours) =>
      (fact(owner, 3) === '' || fact(owner, 0) === '') && ours[4] === 'error',
  },
];

/** API versions that the program in go/fuzz has not told the mapper of: no version, or one that nobody serves. */
const unserved: ReadonlySet<string> = new Set([
  '',
  '/',
  'apps/',
  'apps/v9',
  'apps',
  'example.com',
  ' apps/v1',
]);

function terms(text: string): string {
  return (text.match(/(?:\\[^]|[^,\\])+/g) ?? []).toSorted().join(',');
}

function refs(short: unknown): readonly ShortReference[] {
  return short as readonly ShortReference[];
}

/** Whether our requests are those of controller-runtime and more, and all else is the same. */
function asksMore(theirs: readonly unknown[], ours: readonly unknown[]): boolean {
  const sides = [theirs, ours].map((side) => (side.slice(2, 4) as string[][][]).flat());
  const [before = [], after = []] = sides;
  return (
    theirs[4] === ours[4] &&
    before.every((requests, index) => requests.every((each) => after[index]?.includes(each)))
  );
}

function isSet(operation: unknown): boolean {
  return String(operation).startsWith('set');
}

function fact(owner: unknown, index: number): unknown {
  return (owner as readonly unknown[])[index];
}

function isUnchanged([, , , before, after]: readonly unknown[]): boolean {
  const texts = refs(before).map((each) => JSON.stringify(each));
  const indices = texts.map((each) => texts.indexOf(each));
  return JSON.stringify(after) === JSON.stringify(indices);
}
