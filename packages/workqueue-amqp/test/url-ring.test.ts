import { describe, expect, test } from 'vitest';
import { UrlRing } from '../src/url-ring.ts';

describe('UrlRing', () => {
  test('takes the urls in turn', () => {
    const ring = new UrlRing(['a', 'b', 'c']);

    expect([ring.next(), ring.next(), ring.next(), ring.next()]).toEqual(['a', 'b', 'c', 'a']);
  });

  test('tries one that failed after the others', () => {
    const ring = new UrlRing(['a', 'b', 'c']);
    ring.failed(ring.next());

    expect([ring.next(), ring.next(), ring.next()]).toEqual(['b', 'c', 'b']);
  });

  test('tries first what failed first when all have failed', () => {
    const ring = new UrlRing(['a', 'b', 'c']);
    const tried: string[] = [];

    for (let count = 0; count < 6; count += 1) {
      const url = ring.next();
      tried.push(url);
      ring.failed(url);
    }

    expect(tried).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('forgets a failure when the url works', () => {
    const ring = new UrlRing(['a', 'b']);
    ring.failed('a');
    ring.worked('a');

    expect([ring.next(), ring.next()]).toEqual(['a', 'b']);
  });
});
