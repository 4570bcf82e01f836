import type { KubeObject } from '../json.ts';
import { isSelected, type Selection } from '../operations/list.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import type { StatusError } from '../status.ts';
import type { Change } from '../storage/table.ts';
import { objectText } from '../wire.ts';

/** The annotation of the bookmark that ends the initial events of a WatchList. */
export const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** One line of a watch. */
export function eventLine(type: string, resource: ResourceDefinition, object: KubeObject): string {
  return `{"type":"${type}","object":${objectText(resource, object)}}\n`;
}

/** The line for a change, or `undefined` when the selection is not touched by it. */
export function changeLine(selection: Selection, change: Change): string | undefined {
  const { resource } = selection;
  const { previous, object, deleted } = change;
  const before = previous !== undefined && isSelected(selection, previous);
  const after = !deleted && isSelected(selection, object);
  if (after) return eventLine(before ? 'MODIFIED' : 'ADDED', resource, object);
  if (!before) return undefined;
  // An object that stops matching is shown as it last matched, at the version of the change.
  return eventLine('DELETED', resource, deleted ? object : lastMatch(change, previous));
}

const lastMatches = new WeakMap<Change, KubeObject>();

function lastMatch(change: Change, previous: KubeObject): KubeObject {
  let shown = lastMatches.get(change);
  if (shown === undefined) {
    const resourceVersion = String(change.resourceVersion);
    shown = { ...previous, metadata: { ...previous.metadata, resourceVersion } };
    lastMatches.set(change, shown);
  }
  return shown;
}

/** A line that tells the version reached. */
export function bookmarkLine(
  resource: ResourceDefinition,
  resourceVersion: number,
  endsInitialEvents = false,
): string {
  const metadata = {
    resourceVersion: String(resourceVersion),
    ...(endsInitialEvents ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {}),
  };
  const object = { kind: resource.kind, apiVersion: resource.apiVersion, metadata };
  return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
}

/** The line that ends a watch with an error. */
export function errorLine(error: StatusError): string {
  return `${JSON.stringify({ type: 'ERROR', object: error.status })}\n`;
}
