import assert from 'node:assert/strict';
import type { Section } from './section.ts';

/** Strings that an engine may mistake for each other or for something else. */
const odd: readonly string[] = [
  'a',
  'A',
  ' a',
  'a ',
  'a/b',
  'a//b',
  'a\nb',
  'a\0b',
  'a:b|c,d;e"f\'g`h\\i{j}[k]<l>&m%20%',
  '*',
  '#',
  'a.*.#',
  '..',
  '0',
  '-1',
  '1e3',
  'null',
  'undefined',
  'true',
  'NaN',
  '{}',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '\u00E9',
  'e\u0301',
  '\u0130stanbul/\u4F8B\u3048/\u043A\u043B\u044E\u0447',
  '\u{1F600}/\u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
  '\uFEFFa',
];

/** The longest namespace, a slash, and the longest name of Kubernetes. */
const longest = `${'n'.repeat(63)}/${'o'.repeat(253)}`;

/** Which strings are items, and that each of them is one of its own. */
export function keysContract({ abilities, test }: Section): void {
  test('items are told apart and handed out character by character, whatever they are made of', async (stage) => {
    const queue = await stage.open();
    await queue.addAll(...odd, ...odd);
    await stage.pace.calm();

    const items = await stage.workOff(odd.length, queue);

    assert.deepEqual(new Set(items), new Set(odd));
    if (abilities.collapsesAdditions) assert.equal(items.length, odd.length);
  });

  test('an item may be as long as a namespace and a name of Kubernetes', async (stage) => {
    const queue = await stage.open();
    await queue.addAll(longest, `${longest.slice(0, -1)}p`);

    const items = (await queue.takeMany(2)).toSorted();

    assert.deepEqual(items, [longest, `${longest.slice(0, -1)}p`]);
  });

  test('an item that is no well-formed Unicode is handed out as it is, or refused', async (stage) => {
    const queue = await stage.open();
    const halves = ['\uD800', '\uDC00'];
    const taken = await Promise.all(halves.map((half) => wasTaken(queue.add(half))));
    await stage.pace.calm();

    const items = await stage.workOff(taken.filter(Boolean).length, queue);

    assert.deepEqual(
      items.toSorted(),
      halves.filter((_, index) => taken[index]),
    );
  });

  if (abilities.takesEmptyItem)
    test('the empty string is an item', async (stage) => {
      const queue = await stage.open();
      await queue.add('');

      assert.deepEqual(await stage.workOff(1, queue), ['']);
    });
  else
    test('the empty string is refused', async (stage) => {
      const queue = await stage.open();

      await assert.rejects(queue.add(''), /empty/i);

      assert.deepEqual(await stage.workOff(0, queue), []);
    });
}

async function wasTaken(adding: Promise<void>): Promise<boolean> {
  return adding.then(
    () => true,
    () => false,
  );
}
