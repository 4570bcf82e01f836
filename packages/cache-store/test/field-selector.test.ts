import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeFieldValue, parseFieldSelector } from '../src/field-selector.ts';
import { SelectorError } from '../src/selector-error.ts';
import { thrownBy } from './objects.ts';

const raw = String.raw;

describe('parseFieldSelector', () => {
  test.each([
    ['', ''],
    [',,', ''],
    ['=', ''],
    ['a.b=c', 'a.b=c'],
    ['a==c', 'a=c'],
    ['a!=c', 'a!=c'],
    ['a=', 'a='],
    ['z=1,a=2', 'a=2,z=1'],
    ['a==z,a=b', 'a=b,a=z'],
    ['a = b', 'a = b'],
    [raw`a=x\,y`, raw`a=x\,y`],
    [raw`a=x\=y`, raw`a=x\=y`],
    [raw`a=x\\`, raw`a=x\\`],
    ['a!b=c', 'a!b=c'],
    ['a=b!c', 'a=b!c'],
  ])('writes %j as %j', (text, canonical) => {
    expect(parseFieldSelector(text).toString()).toBe(canonical);
  });

  test('reads the value without escapes', () => {
    expect(parseFieldSelector(raw`a=\\\,\=`).requirements).toEqual([
      { field: 'a', operator: '=', value: raw`\,=` },
    ]);
  });

  test.each([
    ['a', 0, `"a" has no '=', '==' or '!='`],
    ['a=b,c', 4, `"c" has no '=', '==' or '!='`],
    ['a=b=c', 3, raw`'=' in a value must be written '\='`],
    ['a===b', 3, raw`'=' in a value must be written '\='`],
    [raw`a=\b`, 2, raw`'\' must be followed by '\', ',' or '='`],
    [raw`a=b\ `.trim(), 3, raw`'\' must be followed by '\', ',' or '='`],
  ])('refuses %j at position %i', (text, position, reason) => {
    const error = thrownBy(() => parseFieldSelector(text));

    if (!SelectorError.is(error)) {
      throw error;
    }
    expect(error.position).toBe(position);
    expect(error.message).toBe(
      `Cannot parse field selector ${JSON.stringify(text)}: ${reason} at position ${position}`,
    );
  });

  test('refuses what is not a string', () => {
    // Untyped callers can do this.
    expect(() => parseFieldSelector(5 as unknown as string)).toThrow(TypeError);
  });

  test('reads its own canonical text as the same selector', () => {
    const field = fc.constantFrom('metadata.name', 'spec.nodeName', 'a');
    const term = fc.tuple(field, fc.constantFrom('=', '==', '!='), fc.string());

    fc.assert(
      fc.property(fc.array(term), (terms) => {
        const text = terms.map(([f, operator, value]) => f + operator + escapeFieldValue(value));
        const selector = parseFieldSelector(text.join(','));

        const again = parseFieldSelector(selector.toString());

        expect(again.requirements).toEqual(selector.requirements);
        expect(selector.requirements.map(({ value }) => value).sort()).toEqual(
          terms.map(([, , value]) => value).sort(),
        );
        expect(selector.empty).toBe(terms.length === 0);
      }),
    );
  });
});

describe('a field selector', () => {
  const pod = { metadata: { name: 'b' }, spec: { nodeName: 'n1', replicas: 3, paused: false } };

  test.each([
    '',
    'spec.nodeName=n1',
    'spec.nodeName!=n2',
    'spec.replicas=3',
    'spec.paused=false',
    'spec.absent=',
    'absent.at.all!=x',
    'spec=',
    'metadata.name.length=',
    'constructor.name=',
    'spec.nodeName=n1,metadata.name=b',
  ])('%j selects a pod on n1', (text) => {
    expect(parseFieldSelector(text).matches(pod)).toBe(true);
  });

  test.each([
    'spec.nodeName=n2',
    'spec.nodeName!=n1',
    'spec.nodeName=',
    'spec.nodeName=n1,metadata.name=c',
  ])('%j does not select it', (text) => {
    expect(parseFieldSelector(text).matches(pod)).toBe(false);
  });

  test('does not see inherited fields', () => {
    const target: object = Object.create({ spec: { nodeName: 'n1' } });

    expect(parseFieldSelector('spec.nodeName=n1').matches(target)).toBe(false);
    expect(parseFieldSelector('spec.nodeName=').matches(target)).toBe(true);
  });

  test('also matches a flat map of fields', () => {
    const selector = parseFieldSelector('spec.nodeName=n1');

    expect(selector.matches({ 'spec.nodeName': 'n1' })).toBe(true);
    expect(selector.matches({ 'spec.nodeName': 'n2' })).toBe(false);
  });
});
