import type { JsonObject, KubeObject } from '../json.ts';
import type { GroupAndName } from '../status.ts';
import { topMembers } from './members.ts';

/** A resource to serve beside the built-in ones; what is left out has the usual value. */
export interface ResourceOptions {
  /** API group; `''` is the core group. */
  readonly group: string;
  /** API version, for example `v1`. */
  readonly version: string;
  /** Plural name in the path, for example `pods`. */
  readonly plural: string;
  /** Kind, for example `Pod`. */
  readonly kind: string;
  /** Whether objects live in a namespace. */
  readonly namespaced: boolean;
  /** Subresources beside the object: `status`, `scale`, `binding`, `eviction`, `finalize`; default none. */
  readonly subresources?: readonly string[];
  /** Short names for discovery; default none. */
  readonly shortNames?: readonly string[];
  /** Paths a field selector may name beside `metadata.name` and `metadata.namespace`; default none. */
  readonly selectableFields?: readonly string[];
  /** Whether `metadata.generation` is kept; default: whether there is a `status` subresource. */
  readonly generation?: boolean;
  /** Whether an update may leave out the resourceVersion; default true. */
  readonly unconditionalUpdate?: boolean;
  /** Whether a PUT on a free name creates; default false. */
  readonly createOnUpdate?: boolean;
  /** Whether a DELETE answers with the object instead of a Status; default false. */
  readonly returnsDeleted?: boolean;
}

/** What a custom resource version brings along from its definition. */
export interface CustomVersion {
  readonly schema: JsonObject | undefined;
  readonly hasStatus: boolean;
  readonly scale: JsonObject | undefined;
  /** Whether another version is the stored one; every version reads and writes the same objects. */
  readonly storage: boolean;
}

/** A resource that the server serves in one version. */
export interface ResourceDefinition extends Required<ResourceOptions> {
  readonly singular: string;
  readonly listKind: string;
  /** `apps/v1`, or `v1` for the core group. */
  readonly apiVersion: string;
  /** Names the objects in storage; versions of one resource share it. */
  readonly storageId: string;
  /** Group and plural, for error messages. */
  readonly resourceName: GroupAndName;
  /** Group and kind, for error messages. */
  readonly kindName: GroupAndName;
  readonly custom: CustomVersion | undefined;
  /** Whether all objects of a scope may be deleted at once. */
  readonly deletesCollections: boolean;
  /** The members at the top of an object, where all of them are known. */
  readonly members: ReadonlySet<string> | undefined;
  /** Turns the wire form of this version into the stored one; absent when they are the same. */
  readonly toStored: ((object: KubeObject) => KubeObject) | undefined;
  /** The reverse of {@link ResourceDefinition.toStored}. */
  readonly fromStored: ((object: KubeObject) => KubeObject) | undefined;
  /** Whether this is the form of a resource in which only metadata is shown. */
  readonly isMetadataOnly?: boolean;
}

/** Options that only the built-in table and custom resources use. */
export interface InternalOptions {
  readonly singular?: string;
  readonly listKind?: string;
  readonly storageId?: string;
  readonly custom?: CustomVersion;
  readonly deletesCollections?: boolean;
  /** Whether the members at the top are those of the built-in table. */
  readonly builtIn?: boolean;
  readonly toStored?: (object: KubeObject) => KubeObject;
  readonly fromStored?: (object: KubeObject) => KubeObject;
}

/** Completes a resource's options. */
export function defineResource(options: ResourceOptions & InternalOptions): ResourceDefinition {
  const subresources = options.subresources ?? [];
  const apiVersion = options.group === '' ? options.version : `${options.group}/${options.version}`;
  return {
    group: options.group,
    version: options.version,
    plural: options.plural,
    kind: options.kind,
    namespaced: options.namespaced,
    subresources,
    shortNames: options.shortNames ?? [],
    selectableFields: options.selectableFields ?? [],
    generation: options.generation ?? subresources.includes('status'),
    unconditionalUpdate: options.unconditionalUpdate ?? true,
    createOnUpdate: options.createOnUpdate ?? false,
    returnsDeleted: options.returnsDeleted ?? false,
    singular: options.singular ?? options.kind.toLowerCase(),
    listKind: options.listKind ?? `${options.kind}List`,
    apiVersion,
    storageId: options.storageId ?? `${options.group}/${options.plural}`,
    resourceName: { group: options.group, name: options.plural },
    kindName: { group: options.group, name: options.kind },
    custom: options.custom,
    deletesCollections: options.deletesCollections ?? true,
    members: options.builtIn === true ? membersOf(options) : undefined,
    toStored: options.toStored,
    fromStored: options.fromStored,
  };
}

function membersOf({ group, plural }: ResourceOptions): ReadonlySet<string> | undefined {
  const members = topMembers(group, plural);
  return members === undefined
    ? undefined
    : new Set(['apiVersion', 'kind', 'metadata', ...members]);
}
