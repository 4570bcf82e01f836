import { canReadProtobuf, protobufType } from './protobuf/negotiation.ts';
import type { Resource } from './resource.ts';

/** What an answer's form depends on. */
export interface AcceptedCall {
  readonly verb: string;
  readonly subresource?: string | undefined;
}

/**
 * The form in which a call wants its answer. Where metadata is wanted no other form is offered beside it: a server
 * that does not know it then refuses, instead of sending everything. The media types are those of client-go's
 * `metadata/metadata.go`.
 */
export function acceptHeader(resource: Resource<unknown>, call: AcceptedCall): string {
  if (!resource.isMetadataOnly || call.subresource === 'scale') return 'application/json';
  const isList = call.verb === 'list' || call.verb === 'delete all';
  const form = isList ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return `application/json;as=${form};g=meta.k8s.io;v=v1`;
}

/**
 * The form in which a call wants its answer where protobuf will do: built-in kinds that are read, and metadata alone. JSON is offered beside
 * it, for servers that do not speak it. Nothing for other calls, whose answers are read whole at once.
 */
export function protobufAcceptHeader(
  resource: Resource<unknown>,
  call: AcceptedCall,
): string | undefined {
  const isRead = call.verb === 'get' || call.verb === 'list' || call.verb === 'watch';
  if (!isRead || !canReadProtobuf(resource)) return undefined;
  const json = acceptHeader(resource, call);
  return `${json.replace('application/json', protobufType)},${json}`;
}
