import { expect, test } from 'vitest';
import { readRecording } from '../../src/fuzz/recording.ts';
import { topics } from '../../src/fuzz/topics.ts';
import { compare } from './disagreements.ts';
import { differences } from './differences.ts';

test.for(Object.keys(topics))('%s: thousands of hostile cases have the outcome of Go', (topic) => {
  const recording = readRecording(topic);

  const { disagreements } = compare(topic, recording);

  expect(recording.cases.length).toBeGreaterThanOrEqual(2000);
  expect(disagreements).toEqual([]);
});

test.for(differences.map((each) => [each.topic, each.title, each] as const))(
  '%s: %s, which Go does differently',
  ([topic, , difference]) => {
    const { met } = compare(topic, readRecording(topic));

    expect(met).toContain(difference);
  },
);
