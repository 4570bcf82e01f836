import { headerOf, type Answer } from '../answer.ts';
import type { Resource } from '../resource.ts';
import { kindTables } from './kind-tables.ts';

/** The media type of protobuf, as client-go asks for it. */
export const protobufType = 'application/vnd.kubernetes.protobuf';

/** Whether answers about a resource can be read as protobuf: those of built-in kinds, and metadata of any kind. */
export function canReadProtobuf(resource: Resource<unknown>): boolean {
  return kindTables()?.has(resource.apiVersion, resource.kind) ?? false;
}

/** Whether a body says that it is protobuf, an object or the events of a watch. */
export function isProtobuf(answer: Answer): boolean {
  const type = headerOf(answer, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return type === protobufType;
}
