import { describe, expect, test } from 'vitest';
import { parseInteger, type Labels } from '../src/label-requirement.ts';
import { parseLabelSelector } from '../src/label-selector-parser.ts';

describe('a label selector', () => {
  const web: Labels = { app: 'web', tier: '', size: '10' };

  test.each([
    '',
    'app=web',
    'app==web',
    'app!=api',
    'other!=web',
    'app in (api,web)',
    'app notin (api)',
    'other notin (web)',
    'app',
    '!other',
    'tier=',
    'tier in ()',
    'tier',
    'size>9',
    'size<11',
    'app=web,size>9,!other',
  ])('%j selects app=web,tier=,size=10', (text) => {
    expect(parseLabelSelector(text).matches(web)).toBe(true);
  });

  test.each([
    'app=api',
    'other=web',
    'other=',
    'other in ()',
    'app!=web',
    'app notin (web,api)',
    'app in (api)',
    '!app',
    'other',
    'size>10',
    'size<10',
    'app>1',
    'other>1',
    'tier<1',
    'app=web,other',
  ])('%j does not select app=web,tier=,size=10', (text) => {
    expect(parseLabelSelector(text).matches(web)).toBe(false);
  });

  test.each([undefined, null, {}])('takes %j as no labels', (labels) => {
    expect(parseLabelSelector('!app').matches(labels)).toBe(true);
    expect(parseLabelSelector('app').matches(labels)).toBe(false);
  });

  test('does not take inherited properties for labels', () => {
    expect(parseLabelSelector('constructor').matches({})).toBe(false);
    expect(parseLabelSelector('!toString').matches({})).toBe(true);
  });

  test('compares integers beyond the safe range of numbers', () => {
    const selector = parseLabelSelector('size>9007199254740992');

    expect(selector.matches({ size: '9007199254740993' })).toBe(true);
    expect(selector.matches({ size: '9007199254740992' })).toBe(false);
    expect(selector.matches({ size: '9223372036854775808' })).toBe(false);
  });
});

describe('parseInteger', () => {
  test.each([
    ['0', 0n],
    ['-5', -5n],
    ['+5', 5n],
    ['007', 7n],
    ['-9223372036854775808', -(2n ** 63n)],
  ])('reads %s', (text, value) => {
    expect(parseInteger(text)).toBe(value);
  });

  test.each([
    '',
    '+',
    '1.0',
    '1e3',
    '0x1',
    '1_000',
    ' 1',
    '9223372036854775808',
    '-9223372036854775809',
  ])('does not read %j', (text) => {
    expect(parseInteger(text)).toBeUndefined();
  });
});
