import { describe, expect, test } from 'vitest';
import { everythingSelector, nothingSelector } from '../src/label-selector.ts';
import {
  labelSelectorFrom,
  labelSelectorMatches,
  type LabelSelectorObject,
} from '../src/label-selector-object.ts';
import { SelectorError } from '../src/selector-error.ts';
import { thrownBy } from './objects.ts';

describe('labelSelectorFrom', () => {
  test.each([undefined, null])('an absent selector (%s) selects nothing', (selector) => {
    expect(labelSelectorFrom(selector)).toBe(nothingSelector);
    expect(labelSelectorMatches(selector, { a: 'b' })).toBe(false);
    expect(labelSelectorMatches(selector, undefined)).toBe(false);
    expect(nothingSelector.empty).toBe(false);
  });

  test.each([
    {},
    { matchLabels: {} },
    { matchExpressions: [] },
    { matchLabels: null, matchExpressions: null },
  ])('an empty selector %j selects everything', (selector) => {
    expect(labelSelectorFrom(selector)).toBe(everythingSelector);
    expect(labelSelectorMatches(selector, undefined)).toBe(true);
  });

  test('is the conjunction of labels and expressions', () => {
    const selector = labelSelectorFrom({
      matchLabels: { b: 'c', a: '' },
      matchExpressions: [
        { key: 'x', operator: 'In', values: ['2', '1'] },
        { key: 'y', operator: 'NotIn', values: ['1'] },
        { key: 'w', operator: 'Exists' },
        { key: 'v', operator: 'DoesNotExist', values: [] },
      ],
    });

    expect(selector.toString()).toBe('a=,b=c,!v,w,x in (1,2),y notin (1)');
    expect(selector.matches({ a: '', b: 'c', w: '', x: '1' })).toBe(true);
    expect(selector.matches({ a: '', b: 'c', w: '', x: '1', y: '1' })).toBe(false);
  });

  const invalid: [LabelSelectorObject, string, string][] = [
    [{ matchLabels: { 'a b': 'c' } }, 'matchLabels["a b"]', 'the key must be letters'],
    [{ matchLabels: { a: 'b c' } }, 'matchLabels["a"]', 'the value must be letters'],
    [
      { matchExpressions: [{ key: '', operator: 'Exists' }] },
      'matchExpressions[0].key',
      'the key must not be empty',
    ],
    [
      {
        matchExpressions: [
          { key: 'a', operator: 'Exists' },
          { key: 'a', operator: 'in' },
        ],
      },
      'matchExpressions[1].operator',
      '"in" is not In, NotIn, Exists or DoesNotExist',
    ],
    [
      { matchExpressions: [{ key: 'a', operator: 'In', values: [] }] },
      'matchExpressions[0].values',
      'In must have at least one value',
    ],
    [
      { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] },
      'matchExpressions[0].values',
      'Exists must have no values',
    ],
    [
      { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['b', '-'] }] },
      'matchExpressions[0].values[1]',
      'the value must be letters',
    ],
    // Untyped callers can do the next three.
    [
      { app: 'web' } as LabelSelectorObject,
      'app',
      'only matchLabels and matchExpressions are known',
    ],
    [
      { matchLabels: { a: 5 as unknown as string } },
      'matchLabels["a"]',
      'the value must be a string',
    ],
    [
      { matchExpressions: [{ key: 5 as unknown as string, operator: 'Exists' }] },
      'matchExpressions[0].key',
      'the key must be a string',
    ],
  ];

  test.each(invalid)('refuses %j at %s', (selector, path, reason) => {
    const error = thrownBy(() => labelSelectorFrom(selector));

    if (!SelectorError.is(error)) {
      throw error;
    }
    expect(error.path).toBe(path);
    expect(error.message).toContain(`Cannot use label selector: ${reason}`);
    expect(error.message.endsWith(`at ${path}`)).toBe(true);
  });

  test('refuses a text, which would otherwise select everything', () => {
    // Untyped callers can do this.
    expect(() => labelSelectorFrom('app=web' as LabelSelectorObject)).toThrow(TypeError);
  });
});
