import type { ResourceDefinition } from '../registry/definition.ts';
import { metadataForm } from '../registry/metadata-form.ts';
import { notAcceptable, StatusError } from '../status.ts';

const ranges = new Set(['application/json', 'application/*', '*/*', '']);

/**
 * The form of a resource that a client can read: the first in its list that this server has, whole objects or their
 * metadata alone. Others, such as protobuf or tables, are passed over.
 *
 * @throws StatusError 406
 */
export function shownAs(
  resource: ResourceDefinition,
  header: string | undefined,
  isList: boolean,
): ResourceDefinition {
  if (header === undefined || header.trim() === '') return resource;
  for (const range of header.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (!ranges.has(type)) continue;
    const form = parameters.find((parameter) => parameter.startsWith('as='))?.slice('as='.length);
    if (form === undefined) return resource;
    if (!parameters.includes('g=meta.k8s.io') || !parameters.includes('v=v1')) continue;
    if (form !== 'partialobjectmetadata' && form !== 'partialobjectmetadatalist') continue;
    if (isList !== form.endsWith('list')) throw wrongNumber(resource, isList);
    return metadataForm(resource);
  }
  throw notAcceptable(['application/json']);
}

function wrongNumber({ kind, listKind }: ResourceDefinition, isList: boolean): StatusError {
  const message = isList
    ? `you requested PartialObjectMetadata, but the requested object is a list (${listKind})`
    : `you requested PartialObjectMetadataList, but the requested object is not a list (${kind})`;
  return new StatusError({ code: 406, reason: 'NotAcceptable', message });
}
