import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { contentTypeFor, writeMetrics } from '../src/exposition.ts';
import { KubeloopMetrics } from '../src/index.ts';

const text = Registry.PROMETHEUS_CONTENT_TYPE;
const open = Registry.OPENMETRICS_CONTENT_TYPE;

describe('the format', () => {
  test.each([
    [undefined, text],
    ['*/*', text],
    ['text/plain', text],
    ['application/json', text],
    ['application/openmetrics-text', open],
    ['application/openmetrics-text; version=1.0.0; q=0.8, text/plain; q=0.5', open],
    ['application/openmetrics-text;q=0.2,text/plain;q=0.5', text],
    ['application/openmetrics-text;q=0', text],
    ['APPLICATION/OpenMetrics-Text;Q=1', open],
    ['application/openmetrics-text;q=often', text],
  ])('that is asked for by %j is %s', (accept, expected) => {
    expect(contentTypeFor(accept)).toBe(expected);
  });

  test('can change from reading to reading, and changes no name', async () => {
    const { registry, leaderElection } = new KubeloopMetrics();
    registry.setDefaultLabels({ app: 'shop' });
    leaderElection.slowpathExercised('a');

    const before = await writeMetrics(registry, text);
    const asOpenMetrics = await writeMetrics(registry, open);
    const after = await writeMetrics(registry, text);

    const sample = 'leader_election_slowpath_total{name="a",app="shop"} 1';
    expect(before).toContain('# TYPE leader_election_slowpath_total counter');
    expect(asOpenMetrics).toContain(`# TYPE leader_election_slowpath counter\n${sample}`);
    expect(asOpenMetrics.endsWith('# EOF\n')).toBe(true);
    expect(after).toBe(before);
    expect(registry.contentType).toBe(text);
  });
});
