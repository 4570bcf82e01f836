import { isObject, type JsonObject, type JsonValue } from '../json.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { metadataMembers } from '../registry/members.ts';
import { pruneDefinition } from './definition-members.ts';
import { prune } from './schema.ts';

/** Members at the top of every object. */
const envelope = ['apiVersion', 'kind', 'metadata'] as const;

const definitionsId = 'apiextensions.k8s.io/customresourcedefinitions';

/**
 * Removes the members of `body` that the resource does not have, in place, and names them.
 *
 * Custom resources are held against their whole schema, and so are their definitions; of other
 * built-in kinds only the top and the metadata are known.
 */
export function takeUnknownMembers(resource: ResourceDefinition, body: JsonObject): string[] {
  const unknown: string[] = [];
  const schema = resource.custom?.schema;
  if (schema !== undefined) prune(body, schema, { kept: envelope, dropped: unknown });
  else if (resource.storageId === definitionsId) pruneDefinition(body, envelope, unknown);
  else if (resource.custom === undefined && resource.members !== undefined) {
    take(body, resource.members, { prefix: '', unknown });
  }
  const metadata: JsonValue | undefined = body['metadata'];
  if (isObject(metadata)) take(metadata, metadataMembers, { prefix: 'metadata.', unknown });
  return unknown;
}

function take(
  object: JsonObject,
  known: ReadonlySet<string>,
  { prefix, unknown }: { readonly prefix: string; readonly unknown: string[] },
): void {
  for (const key of Object.keys(object)) {
    if (known.has(key)) continue;
    unknown.push(prefix + key);
    delete object[key];
  }
}
