import { gzipSync } from 'node:zlib';

import { added, answer, list, modified, optional, pause, refuse, watch } from '../script.ts';
import type { Answer, Piece, Scenario, Step } from '../script.ts';
import { failure, thing, thingList } from '../things.ts';

const before = [thing('a', '1'), thing('b', '2')];
const after = [thing('a', '1'), thing('c', '13')];
const manyBytes = 'äöü €uro 漢字 👩‍💻 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u2028 \u0000 " \\ /';
const big = 'x'.repeat(5 * 1024 * 1024);
const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf'];

/** The bytes of a text, three at a time. */
function inThrees(text: string): readonly Piece[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / 3);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * 3, index * 3 + 3));
}

/** A list with a head of its own. */
function typed(contentType: string | undefined, body: unknown = thingList('10', before)): Step {
  const { headers: _, ...rest } = answer(200, body);
  const headers: Record<string, string> =
    contentType === undefined ? {} : { 'content-type': contentType };
  return { on: 'list', answer: { ...rest, headers } };
}

function rawList(pieces: Answer['pieces'], headers: Record<string, string> = {}): Step {
  return { on: 'list', answer: { ...answer(200, '', headers), pieces } };
}

function typedWatch(contentType: string): Step {
  const headers = { 'content-type': contentType };
  return {
    on: 'watch',
    answer: { status: 200, headers, pieces: [added('c', '13')], ending: 'hold' },
  };
}

const listText = JSON.stringify(
  thingList('10', [thing('a', '1', { spec: { manyBytes } }), thing('b', '2')]),
);

/** Bytes on the wire. */
export const wire: readonly Scenario[] = [
  {
    title: 'an object of five megabytes in a list',
    steps: [list('10', [thing('a', '1', { spec: { big } })])],
  },
  {
    title: 'an object of five megabytes in a watch',
    steps: [
      list('10', before),
      watch([modified('a', '11', { spec: { big } }), modified('b', '12')]),
    ],
  },
  {
    title: 'a line of five megabytes that breaks before its end is not used',
    steps: [
      list('10', before),
      watch([modified('b', '11'), modified('a', '12', { spec: { big } }).slice(0, -10)], 'cut'),
      watch([modified('a', '12')], 'hold'),
    ],
  },
  { title: 'a list in chunks of three bytes', steps: [rawList(inThrees(listText))] },
  {
    title: 'a watch in chunks of three bytes',
    steps: [
      list('10', before),
      watch(inThrees(modified('a', '11', { spec: { manyBytes } }) + modified('b', '12'))),
    ],
  },
  {
    title: 'a line that comes in two halves with a pause between them',
    steps: [
      list('10', before),
      watch([added('c', '13').slice(0, 25), pause(200), added('c', '13').slice(25)]),
    ],
  },
  {
    title: 'a hundred events in one chunk',
    steps: [
      list('10', before),
      watch([
        Array.from({ length: 100 }, (_, index) => modified('a', String(11 + index))).join(''),
      ]),
    ],
  },
  {
    title: 'lines that end as on Windows',
    steps: [
      list('10', before),
      watch([modified('a', '11'), added('c', '13')].map((line) => line.replace('\n', '\r\n'))),
    ],
  },
  {
    title: 'blank lines between events',
    steps: [
      list('10', before),
      watch(['\n\n', modified('a', '11'), '\n', ' \n\r\n', added('c', '13'), '\n']),
    ],
  },
  {
    title: 'two events on one line',
    steps: [
      list('10', before),
      watch([modified('a', '11').trim() + added('c', '13')]),
      optional(list('20', [thing('a', '11'), thing('b', '2'), thing('c', '13')])),
    ],
  },
  {
    title: 'objects with names of properties that every object has',
    steps: [
      list(
        '10',
        names.map((name) => thing(name, '1')),
      ),
      watch(names.map((name) => modified(name, '11'))),
    ],
  },
  {
    title: 'fields with names of properties that every object has',
    steps: [
      list('10', [
        thing('a', '1', {
          spec: JSON.parse('{"__proto__":{"x":1},"constructor":"y","toString":null}'),
        }),
      ]),
      watch([modified('b', '12', { spec: JSON.parse('{"__proto__":"z","hasOwnProperty":[]}') })]),
    ],
  },
  {
    title: 'text with the signs of many scripts',
    steps: [list('10', [thing('a', '1', { spec: { manyBytes, [manyBytes]: 1 } })])],
  },
  {
    title: 'text in escapes',
    steps: [
      rawList([
        String.raw`{"apiVersion":"example.com/v1","kind":"ThingList","metadata":{"resourceVersion":"10"},"items":[{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"namespace":"default","name":"a","uid":"uid-a","resourceVersion":"1"},"spec":"\u00e4\ud83d\udc69\/\n"}]}`,
      ]),
    ],
  },
  {
    title: 'numbers of all kinds',
    steps: [
      list('10', [
        thing('a', '1', {
          spec: [0, -1, 1.5, 0.1, 1e-7, 1e21, 123456789012, Number.MAX_SAFE_INTEGER],
        }),
      ]),
    ],
  },
  {
    title: 'whole numbers that JavaScript cannot hold',
    steps: [
      rawList([
        JSON.stringify(thingList('10', [thing('a', '1', { spec: 'NUMBER' })])).replace(
          '"NUMBER"',
          '9007199254740993',
        ),
      ]),
    ],
  },
  {
    title: 'a list with white space around everything',
    steps: [rawList([`\n\t ${JSON.stringify(thingList('10', before), null, 4)}\r\n\n`])],
  },
  {
    title: 'a compressed list',
    steps: [rawList([gzipSync(listText)], { 'content-encoding': 'gzip' })],
  },
  {
    title: 'a list whose type is said with a character set',
    steps: [typed('application/json; charset=utf-8')],
  },
  {
    title: 'a list without a content type',
    steps: [typed(undefined), optional(list('20', before))],
  },
  {
    title: 'a list that says that it is a page of the web',
    steps: [typed('text/html', '<html>log in</html>'), list('20', before)],
  },
  {
    title: 'a list that is JSON but says that it is text',
    steps: [typed('text/plain'), optional(list('20', before))],
  },
  {
    title: 'a watch whose type is said with a parameter',
    steps: [list('10', before), typedWatch('application/json;stream=watch')],
  },
  {
    title: 'a watch that says that it is a page of the web',
    steps: [
      list('10', before),
      {
        on: 'watch',
        answer: { ...answer(200, '<html>log in</html>'), headers: { 'content-type': 'text/html' } },
      },
      list('20', after),
    ],
  },
  { title: 'an empty answer to a list', steps: [rawList([]), list('20', before)] },
  { title: 'a list that is no JSON', steps: [rawList(['this is no list']), list('20', before)] },
  { title: 'a list that is null', steps: [rawList(['null']), list('20', before)] },
  { title: 'a list that is an array', steps: [rawList(['[]']), list('20', before)] },
  {
    title: 'a Status of a failure in place of a list',
    steps: [rawList([JSON.stringify(failure(500, 'InternalError'))]), optional(list('20', before))],
  },
  {
    title: 'a 410 as a Status in place of a list, with code 200',
    steps: [rawList([JSON.stringify(failure(410, 'Expired'))]), optional(list('20', before))],
  },
  {
    title: 'a single object in place of a list',
    steps: [rawList([JSON.stringify(thing('a', '1'))]), optional(list('20', before))],
  },
  {
    title: 'items that are no array',
    steps: [rawList([JSON.stringify({ ...thingList('10', []), items: {} })]), list('20', before)],
  },
  {
    title: 'an item that is null',
    steps: [list('10', [thing('a', '1'), null]), optional(list('20', before))],
  },
  {
    title: 'an item without a name',
    steps: [list('10', [{ ...thing('', '1') }, thing('a', '1')])],
  },
  {
    title: 'items that do not say of what kind they are',
    steps: [list('10', [{ metadata: thing('a', '1').metadata }])],
  },
  {
    title: 'a list without metadata',
    steps: [
      rawList([JSON.stringify({ apiVersion: 'example.com/v1', kind: 'ThingList', items: before })]),
    ],
  },
  {
    title: 'a Status of a failure as the answer to a watch, with code 200',
    steps: [
      list('10', before),
      watch([`${JSON.stringify(failure(500, 'InternalError'))}\n`]),
      list('20', after),
    ],
  },
  {
    title: 'a failure whose Status is cut off is still a failure',
    steps: [
      refuse('list', '{"kind":"Status","apiVer', {
        code: 500,
        headers: { 'content-type': 'application/json' },
      }),
      list('10', before),
    ],
  },
  {
    title: 'a failure with another code in its Status than in its head',
    steps: [
      list('10', before),
      refuse('watch', failure(410, 'Expired'), { code: 500 }),
      list('20', after),
    ],
  },
];
