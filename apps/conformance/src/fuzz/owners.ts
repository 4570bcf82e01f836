import type { ObjectLike } from '@kubeloop/cache-store';
import {
  AlreadyOwnedError,
  getControllerOf,
  hasControllerReference,
  hasOwnerReference,
  ownerRequests as requestsFor,
  removeOwnerReference,
  setControllerReference,
  setOwnerReference,
  type OwnerReference,
} from '@kubeloop/controller';
import type { Recording } from './recording.ts';

type ShortReference = readonly [string, string, string, string, (-1 | 0 | 1)?, (0 | 1)?];

/** References through `ownerRequests`, with and without `matchEveryOwner`, and through `getControllerOf`. */
export function ownerRequests(recording: Recording): readonly (readonly unknown[])[] {
  const kinds = recording.header['kinds'] as readonly Readonly<Record<string, string>>[];
  return recording.cases.map(([namespace, short]) => {
    const references = longReferences(short);
    const object = {
      metadata: { name: 'owned', namespace: String(namespace), ownerReferences: references },
    };
    const requests = (matchEveryOwner: boolean): readonly (readonly string[])[] =>
      kinds.map(({ Group: group = '', Kind: kind = '' }) => {
        const owner = { group, kind, namespaced: kind !== 'Node' };
        const found = requestsFor(owner, { matchEveryOwner })(object);
        // A queue keeps one of several equal requests.
        return [...new Set(found.map((each) => `${each.namespace} ${each.name}`))].toSorted();
      });
    const controller = getControllerOf(object);
    const index = controller === undefined ? -1 : references.indexOf(controller);
    return [namespace, short, requests(false), requests(true), index];
  });
}

/** Operations on references: the references afterwards, an answer, or the kind of the error. */
export function ownerReferences(recording: Recording): readonly (readonly unknown[])[] {
  return recording.cases.map(([operation, facts, namespace, short]) => {
    const [apiVersion = '', kind = '', ownerNamespace = '', name = '', uid = ''] =
      facts as string[];
    const owner = { apiVersion, kind, metadata: { namespace: ownerNamespace, name, uid } };
    const before = longReferences(short);
    const object: ObjectLike = {
      kind: 'Pod',
      metadata: { name: 'owned', namespace: String(namespace), ownerReferences: before },
    };
    return [operation, facts, namespace, short, apply(String(operation), owner, object)];
  });
}

function apply(operation: string, owner: ObjectLike, object: ObjectLike): unknown {
  try {
    switch (operation) {
      case 'setController':
        return shortReferences(setControllerReference(owner, object), object);
      case 'set':
        return shortReferences(setOwnerReference(owner, object), object);
      case 'setBlocking':
        return shortReferences(
          setOwnerReference(owner, object, { blockOwnerDeletion: true }),
          object,
        );
      case 'remove':
      case 'removeController':
        return shortReferences(removeOwnerReference(owner, object), object);
      case 'has':
        return hasOwnerReference(owner, object);
      default:
        return hasControllerReference(object);
    }
  } catch (error) {
    if (AlreadyOwnedError.is(error)) return 'owned';
    if (error instanceof TypeError) return 'error';
    throw error;
  }
}

/** The references of a case, written out. */
export function longReferences(short: unknown): OwnerReference[] {
  return (short as readonly ShortReference[]).map(
    ([apiVersion, kind, name, uid, controller = -1, block]) => ({
      apiVersion,
      kind,
      name,
      uid,
      ...(controller === -1 ? {} : { controller: controller === 1 }),
      ...(block === undefined ? {} : { blockOwnerDeletion: block === 1 }),
    }),
  );
}

function shortReferences(after: ObjectLike, before: ObjectLike): readonly unknown[] {
  const known = (before.metadata?.ownerReferences ?? []).map((each) => JSON.stringify(short(each)));
  return (after.metadata?.ownerReferences ?? []).map((each) => {
    const index = known.indexOf(JSON.stringify(short(each)));
    return index === -1 ? short(each) : index;
  });
}

function short(reference: OwnerReference): readonly unknown[] {
  const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = reference;
  const facts: unknown[] = [
    apiVersion,
    kind,
    name,
    uid,
    tell(controller),
    tell(blockOwnerDeletion),
  ];
  while (facts.at(-1) === -1) facts.pop();
  return facts;
}

function tell(yes: boolean | undefined): -1 | 0 | 1 {
  return yes === undefined ? -1 : yes ? 1 : 0;
}
