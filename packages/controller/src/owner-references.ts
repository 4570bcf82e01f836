import type { ObjectLike, OwnerReferenceLike } from '@kubeloop/cache-store';

/** A reference from an object to one that owns it, as in `metadata.ownerReferences`. */
export type OwnerReference = OwnerReferenceLike;

/** What must be known of a kind to recognise references to it. */
export interface OwnerKind {
  /** The API group, `""` for the core group. */
  readonly group: string;
  /** The kind. */
  readonly kind: string;
}

/** How an owner reference is set. */
export interface SetOwnerReferenceOptions {
  /**
   * The owner's resource; its API version and kind are used. Default: those that the owner itself carries, which objects
   * from lists of a real API server do not.
   */
  readonly resource?: { readonly apiVersion: string; readonly kind: string } | undefined;
  /** Whether a foreground deletion of the owner waits for the object. Default `true` for the controller, else left out. */
  readonly blockOwnerDeletion?: boolean | undefined;
}

const brand = Symbol.for('@kubeloop/controller/AlreadyOwnedError');

/** Thrown by {@link setControllerReference} when the object is managed by another controller. */
export class AlreadyOwnedError extends Error {
  /** The name of the class. */
  override readonly name: string = 'AlreadyOwnedError';
  /** The reference to the object that manages it. */
  readonly owner: OwnerReference;

  /**
   * @param message - what could not be done and why
   * @param owner - the reference to the object that manages it
   */
  constructor(message: string, owner: OwnerReference) {
    super(message);
    Object.defineProperty(this, brand, { value: true });
    this.owner = owner;
  }

  /** Whether a thrown value is this error, from whichever copy of this package. */
  static is(value: unknown): value is AlreadyOwnedError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/**
 * The object with `owner` as its controller; the given object stays as it is. An older reference to the same owner (same
 * group, kind and name) is replaced.
 *
 * @throws AlreadyOwnedError when another owner is the controller
 * @throws TypeError when the owner is not known well enough, or lives in another namespace
 */
export function setControllerReference<T extends ObjectLike>(
  owner: ObjectLike,
  object: T,
  options: SetOwnerReferenceOptions = {},
): T {
  const reference: OwnerReference = {
    ...referenceTo(owner, object, options),
    controller: true,
    blockOwnerDeletion: options.blockOwnerDeletion ?? true,
  };
  const existing = getControllerOf(object);
  if (existing && !isSameOwner(existing, reference))
    throw new AlreadyOwnedError(
      `Cannot make ${title(reference)} the controller of ${titleOf(object)}: ${title(existing)} is its controller`,
      existing,
    );
  return withReference(object, reference);
}

/**
 * The object with `owner` among its owners, but not as its controller; the given object stays as it is. An older
 * reference to the same owner (same group, kind and name) is replaced.
 *
 * @throws TypeError when the owner is not known well enough, or lives in another namespace
 */
export function setOwnerReference<T extends ObjectLike>(
  owner: ObjectLike,
  object: T,
  options: SetOwnerReferenceOptions = {},
): T {
  const { blockOwnerDeletion } = options;
  const reference = referenceTo(owner, object, options);
  return withReference(
    object,
    blockOwnerDeletion === undefined ? reference : { ...reference, blockOwnerDeletion },
  );
}

/** The object without its reference to `owner` (same group, kind and name); the very same object when there is none. */
export function removeOwnerReference<T extends ObjectLike>(
  owner: ObjectLike,
  object: T,
  options: Pick<SetOwnerReferenceOptions, 'resource'> = {},
): T {
  if (!hasOwnerReference(owner, object, options)) return object;
  const target = identityOf(owner, options);
  return withReferences(
    object,
    storedReferences(object).filter((each) => !isSameOwner(each, target)),
  );
}

/**
 * The object without its reference to `owner` (same group, kind and name) when that is its controller, so that another
 * can become it; the very same object when another owner, or none, is the controller.
 *
 * @throws TypeError when the owner is not known well enough
 */
export function removeControllerReference<T extends ObjectLike>(
  owner: ObjectLike,
  object: T,
  options: Pick<SetOwnerReferenceOptions, 'resource'> = {},
): T {
  const target = identityOf(owner, options);
  const references = storedReferences(object);
  const rest = references.filter((each) => !(isSameOwner(each, target) && each.controller));
  return rest.length === references.length ? object : withReferences(object, rest);
}

/** Whether the object has a reference to `owner` (same group, kind and name). */
export function hasOwnerReference(
  owner: ObjectLike,
  object: ObjectLike,
  options: Pick<SetOwnerReferenceOptions, 'resource'> = {},
): boolean {
  const target = identityOf(owner, options);
  return ownerReferencesOf(object).some((each) => isSameOwner(each, target));
}

/** Whether some owner is the object's controller. */
export function hasControllerReference(object: ObjectLike): boolean {
  return getControllerOf(object) !== undefined;
}

/** The reference to the object's controller, or `undefined`. */
export function getControllerOf(object: ObjectLike): OwnerReference | undefined {
  return storedReferences(object).find((each) => isWhole(each) && each.controller === true);
}

/** All references to owners that are whole; never `undefined`. */
export function ownerReferencesOf(object: ObjectLike): readonly OwnerReference[] {
  return storedReferences(object).filter((each) => isWhole(each) && each.name !== '');
}

/** Everything in the list of references, so that a write of it loses nothing that was not ours. */
function storedReferences(object: ObjectLike): readonly OwnerReference[] {
  return object.metadata?.ownerReferences ?? [];
}

/** Whether a reference has the members that it must have; objects may come from anywhere. */
function isWhole({ apiVersion, kind, name }: OwnerReference): boolean {
  return [apiVersion, kind, name].every((each) => typeof each === 'string');
}

/**
 * The references to owners of one group and kind, whatever the version.
 *
 * @param matchEveryOwner - whether owners count that are not the controller; of several controllers, which no API server
 * allows, the first is the one
 */
export function ownersOfKind(
  object: ObjectLike,
  owner: OwnerKind,
  matchEveryOwner: boolean,
): readonly OwnerReference[] {
  const controller = matchEveryOwner ? undefined : getControllerOf(object);
  return ownerReferencesOf(object).filter(
    (each) =>
      (matchEveryOwner || each === controller) &&
      each.kind === owner.kind &&
      groupOf(each.apiVersion) === owner.group,
  );
}

/**
 * The group of an API version, `""` for the core group, `undefined` for what is not an API version. `/v1` is the core
 * group too, as in apimachinery's `schema.ParseGroupVersion`: an API server stores such references.
 */
export function groupOf(apiVersion: string): string | undefined {
  const [group = '', version, ...rest] = apiVersion.split('/');
  if (version === undefined) return '';
  return rest.length === 0 ? group : undefined;
}

type OwnerIdentity = Pick<OwnerReference, 'apiVersion' | 'kind' | 'name'>;

function isSameOwner(reference: OwnerReference, owner: OwnerIdentity): boolean {
  return (
    isWhole(reference) &&
    reference.name === owner.name &&
    reference.kind === owner.kind &&
    groupOf(reference.apiVersion) === groupOf(owner.apiVersion)
  );
}

function identityOf(
  owner: ObjectLike,
  { resource }: Pick<SetOwnerReferenceOptions, 'resource'>,
): OwnerIdentity {
  const apiVersion = resource?.apiVersion ?? owner.apiVersion;
  const kind = resource?.kind ?? owner.kind;
  const name = owner.metadata?.name;
  if (!apiVersion || !kind)
    throw new TypeError(
      `Cannot refer to ${titleOf(owner)} as an owner: it has no apiVersion and kind; pass its resource as an option`,
    );
  if (!name) throw new TypeError(`Cannot refer to a ${kind} as an owner: it has no name`);
  if (groupOf(apiVersion) === undefined || apiVersion.endsWith('/'))
    throw new TypeError(
      `Cannot refer to ${title({ kind, name })} as an owner: "${apiVersion}" is not an apiVersion`,
    );
  return { apiVersion: apiVersion.replace(/^\//, ''), kind, name };
}

function referenceTo(
  owner: ObjectLike,
  object: ObjectLike,
  options: SetOwnerReferenceOptions,
): OwnerReference {
  const identity = identityOf(owner, options);
  const uid = owner.metadata?.uid;
  if (!uid)
    throw new TypeError(
      `Cannot refer to ${title(identity)} as an owner: it has no uid; create it first`,
    );
  checkNamespaces(owner, object, identity);
  return { ...identity, uid };
}

function checkNamespaces(owner: ObjectLike, object: ObjectLike, identity: OwnerIdentity): void {
  const ownerNamespace = owner.metadata?.namespace;
  if (!ownerNamespace) return; // a cluster-scoped owner may own anything
  const namespace = object.metadata?.namespace;
  if (namespace === ownerNamespace) return;
  const why = namespace
    ? 'an owner lives in the namespace of what it owns'
    : 'the object has no namespace; a cluster-scoped object cannot have an owner in a namespace, any other needs metadata.namespace';
  throw new TypeError(
    `Cannot make ${title(identity)} of namespace "${ownerNamespace}" an owner of ${titleOf(object)}: ${why}`,
  );
}

function withReference<T extends ObjectLike>(object: T, reference: OwnerReference): T {
  const references = storedReferences(object);
  const at = references.findIndex((each) => isSameOwner(each, reference));
  return withReferences(
    object,
    at === -1 ? [...references, reference] : references.with(at, reference),
  );
}

function withReferences<T extends ObjectLike>(
  object: T,
  ownerReferences: readonly OwnerReference[],
): T {
  return { ...object, metadata: { ...object.metadata, ownerReferences } };
}

function title(owner: Pick<OwnerIdentity, 'kind' | 'name'>): string {
  return `${owner.kind} "${owner.name}"`;
}

function titleOf(object: ObjectLike): string {
  const { name, namespace } = object.metadata ?? {};
  return `${object.kind ?? 'object'} "${namespace ? `${namespace}/` : ''}${name ?? ''}"`;
}
