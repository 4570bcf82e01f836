import type { KubeObject } from '../json.ts';

/** Names of members in `events.k8s.io/v1` and in `v1`, which are two views of one object. */
const renamed: readonly (readonly [newName: string, coreName: string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

/** Turns an `events.k8s.io/v1` Event into the `v1` Event that is stored. */
export function eventToCore(event: KubeObject): KubeObject {
  return rename(event, 'v1', renamed);
}

/** Turns a stored `v1` Event into an `events.k8s.io/v1` one. */
export function eventFromCore(event: KubeObject): KubeObject {
  const pairs = renamed.map(([newName, coreName]) => [coreName, newName] as const);
  return rename(event, 'events.k8s.io/v1', pairs);
}

function rename(
  event: KubeObject,
  apiVersion: string,
  pairs: readonly (readonly [string, string])[],
): KubeObject {
  const result: KubeObject = { ...event, apiVersion };
  for (const [from, to] of pairs) {
    if (event[from] === undefined) continue;
    result[to] = event[from];
    delete result[from];
  }
  return result;
}
