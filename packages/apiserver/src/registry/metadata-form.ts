import type { KubeObject } from '../json.ts';
import type { ResourceDefinition } from './definition.ts';

const API_VERSION = 'meta.k8s.io/v1';
const KIND = 'PartialObjectMetadata';

const forms = new WeakMap<ResourceDefinition, ResourceDefinition>();

/** The form of a resource in which its objects are shown with their metadata and nothing else. */
export function metadataForm(resource: ResourceDefinition): ResourceDefinition {
  let form = forms.get(resource);
  if (form === undefined) {
    form = {
      ...resource,
      apiVersion: API_VERSION,
      kind: KIND,
      listKind: `${KIND}List`,
      // Only lists of custom resources in full always have a continue token.
      custom: undefined,
      fromStored: metadataOf,
      isMetadataOnly: true,
    };
    forms.set(resource, form);
  }
  return form;
}

function metadataOf({ metadata }: KubeObject): KubeObject {
  return { apiVersion: API_VERSION, kind: KIND, metadata };
}
