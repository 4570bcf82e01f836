import type { Resource } from './resource.ts';

/**
 * The form in which a call wants its answer. Where metadata is wanted no other form is offered beside it: a server
 * that does not know it then refuses, instead of sending everything. The media types are those of client-go's
 * `metadata/metadata.go`.
 */
export function acceptHeader(
  resource: Resource<unknown>,
  call: { readonly verb: string; readonly subresource?: string | undefined },
): string {
  if (!resource.isMetadataOnly || call.subresource === 'scale') return 'application/json';
  const isList = call.verb === 'list' || call.verb === 'delete all';
  const form = isList ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return `application/json;as=${form};g=meta.k8s.io;v=v1`;
}
