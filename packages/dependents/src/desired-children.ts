import type { ObjectLike } from '@kubeloop/cache-store';
import { metaNamespaceKey } from '@kubeloop/cache-store';
import type { Apply, Resource } from '@kubeloop/client';
import { setControllerReference } from '@kubeloop/controller';
import { digestOf, isMembers } from './json.ts';
import { ignoreRejection } from './answers.ts';

/** A child as it is to be applied. */
export interface DesiredChild {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly object: Apply<ObjectLike>;
  /** Stands for the object. */
  readonly digest: string;
}

/** What completes the objects of a dependent. */
export interface Completion {
  readonly dependent: string;
  readonly resource: Resource<ObjectLike>;
  readonly owner: ObjectLike;
  readonly ownerResource: Resource<ObjectLike>;
  readonly markers: Readonly<Record<string, string>>;
}

/** What an API server decides, or what makes a name unpredictable. */
const notToDeclare = ['generateName', 'uid', 'resourceVersion', 'managedFields', 'generation'];

/**
 * The objects that a `desired` function answered, each complete: type, namespace, marks and owner are filled in.
 *
 * @throws TypeError for what is no object of the resource; Error when two have one name
 */
export function completeChildren(answer: unknown, completion: Completion): readonly DesiredChild[] {
  if (answer === undefined || answer === null) return [];
  const objects: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  const children = objects.map((object) => complete(object, completion));
  const keys = new Set<string>();
  for (const { key } of children) {
    if (keys.has(key))
      throw new Error(
        `Cannot use what dependent "${completion.dependent}" desires: two objects are named "${key}"`,
      );
    keys.add(key);
  }
  return children;
}

function complete(answer: unknown, completion: Completion): DesiredChild {
  const refuse = (why: string): never => {
    throw new TypeError(`Cannot use what dependent "${completion.dependent}" desires: ${why}`);
  };
  if (!isMembers(answer)) return refuse('it must be an object, a list of objects or nothing');
  // That it is asynchronous is the failure; what it rejects with comes second.
  ignoreRejection(answer);
  if ('then' in answer) return refuse('it is a promise; the function must answer at once');
  // What is undefined stays out, as it does of the request, and so does null: it would be owned as a value.
  const object = JSON.parse(
    JSON.stringify(answer, (_name, value: unknown) => value ?? undefined),
  ) as Record<string, unknown>;
  const { resource, owner, ownerResource, markers } = completion;
  for (const member of ['apiVersion', 'kind'] as const)
    if (object[member] !== undefined && object[member] !== resource[member])
      refuse(`its ${member} is ${JSON.stringify(object[member])} and not "${resource[member]}"`);
  const metadata = object['metadata'];
  if (!isMembers(metadata)) return refuse('it has no metadata');
  const { name } = metadata;
  if (typeof name !== 'string' || name === '') return refuse('it has no metadata.name');
  for (const member of notToDeclare)
    if (member in metadata) refuse(`its metadata.${member} cannot be declared`);
  const namespace = namespaceOf(metadata, completion, refuse);
  const whole = {
    ...withData(object, resource),
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: {
      ...withoutEmpty(metadata),
      ...(namespace !== '' && { namespace }),
      labels: { ...(isMembers(metadata['labels']) ? metadata['labels'] : {}), ...markers },
    },
  };
  const owned = setControllerReference(owner, whole as ObjectLike, { resource: ownerResource });
  return {
    key: metaNamespaceKey(namespace, name),
    namespace,
    name,
    object: owned as Apply<ObjectLike>, // it has a name
    digest: digestOf(owned),
  };
}

function namespaceOf(
  metadata: Readonly<Record<string, unknown>>,
  { resource, owner }: Completion,
  refuse: (why: string) => never,
): string {
  const said = metadata['namespace'];
  if (!resource.namespaced)
    return said === undefined ? '' : refuse(`${resource.kind} has no namespaces, and it names one`);
  const namespace = said ?? owner.metadata?.namespace;
  if (typeof namespace === 'string' && namespace !== '') return namespace;
  return refuse('it has no metadata.namespace, and neither has its owner');
}

/** An API server keeps no empty annotations, which would look as if somebody had removed them. */
function withoutEmpty(
  metadata: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { annotations, ...rest } = metadata;
  return isMembers(annotations) && Object.keys(annotations).length > 0 ? metadata : rest;
}

/** A Secret's `stringData` is only ever written: the server keeps it as `data`, so that is what is applied and compared. */
function withData(
  object: Readonly<Record<string, unknown>>,
  { group, kind }: Resource<ObjectLike>,
): Readonly<Record<string, unknown>> {
  const { stringData, ...rest } = object;
  if (group !== '' || kind !== 'Secret' || !isMembers(stringData)) return object;
  const encoded = Object.entries(stringData).map(([name, text]) => [
    name,
    Buffer.from(String(text)).toString('base64'),
  ]);
  return {
    ...rest,
    data: { ...(isMembers(rest['data']) ? rest['data'] : {}), ...Object.fromEntries(encoded) },
  };
}
