import { describe, expect, test } from 'vitest';
import { everythingSelector, nothingSelector } from '../src/label-selector.ts';
import { parseLabelSelector } from '../src/label-selector-parser.ts';

describe('the selector of everything', () => {
  test('matches any labels, is empty and has no text', () => {
    expect(everythingSelector.matches(undefined)).toBe(true);
    expect(everythingSelector.matches({ a: 'b' })).toBe(true);
    expect(everythingSelector.empty).toBe(true);
    expect(String(everythingSelector)).toBe('');
  });

  test('is what the empty text is read as', () => {
    expect(parseLabelSelector('')).toBe(everythingSelector);
  });
});

describe('the selector of nothing', () => {
  test('matches no labels, is not empty and has no text', () => {
    expect(nothingSelector.matches(undefined)).toBe(false);
    expect(nothingSelector.matches({ a: 'b' })).toBe(false);
    expect(nothingSelector.empty).toBe(false);
    expect(String(nothingSelector)).toBe('');
  });
});

describe('a parsed selector', () => {
  test('shows its requirements sorted by key', () => {
    expect(parseLabelSelector('b in (y,x),!a').requirements).toEqual([
      { key: 'a', operator: '!', values: [] },
      { key: 'b', operator: 'in', values: ['y', 'x'] },
    ]);
  });
});
