import { describe, expect, test } from 'vitest';
import {
  AlreadyOwnedError,
  getControllerOf,
  hasControllerReference,
  hasOwnerReference,
  ownersOfKind,
  removeControllerReference,
  removeOwnerReference,
  setControllerReference,
  setOwnerReference,
} from '../src/owner-references.ts';

const owner = {
  apiVersion: 'example.com/v1',
  kind: 'WebApp',
  metadata: { name: 'shop', namespace: 'ns', uid: 'u1' },
};
const other = { ...owner, metadata: { name: 'blog', namespace: 'ns', uid: 'u2' } };
const child = { kind: 'ConfigMap', metadata: { name: 'child', namespace: 'ns' } };
const reference = { apiVersion: 'example.com/v1', kind: 'WebApp', name: 'shop', uid: 'u1' };

describe('setControllerReference', () => {
  test('the owner becomes the controller and blocks on deletion', () => {
    const owned = setControllerReference(owner, child);

    expect(owned.metadata).toEqual({
      ...child.metadata,
      ownerReferences: [{ ...reference, controller: true, blockOwnerDeletion: true }],
    });
  });

  test('the given object stays as it is', () => {
    setControllerReference(owner, Object.freeze(child));

    expect(child.metadata).not.toHaveProperty('ownerReferences');
  });

  test('a reference to the same owner of another version and uid is replaced in its place', () => {
    const owned = setControllerReference(
      owner,
      setOwnerReference(other, setControllerReference(owner, child)),
    );
    const renewed = {
      ...owner,
      apiVersion: 'example.com/v2',
      metadata: { ...owner.metadata, uid: 'u9' },
    };

    const again = setControllerReference(renewed, owned);

    expect(again.metadata).toMatchObject({
      ownerReferences: [
        { apiVersion: 'example.com/v2', uid: 'u9', controller: true },
        { uid: 'u2' },
      ],
    });
  });

  test('another controller is refused with an error that carries it', () => {
    const owned = setControllerReference(owner, child);

    const refused = ((): unknown => {
      try {
        return setControllerReference(other, owned);
      } catch (error) {
        return error;
      }
    })();

    expect(AlreadyOwnedError.is(refused)).toBe(true);
    expect(refused).toMatchObject({
      message:
        'Cannot make WebApp "blog" the controller of ConfigMap "ns/child": WebApp "shop" is its controller',
      owner: { uid: 'u1' },
    });
  });

  test('an owner in another namespace is refused', () => {
    const elsewhere = { ...child, metadata: { name: 'child', namespace: 'other' } };

    expect(() => setControllerReference(owner, elsewhere)).toThrow(
      /lives in the namespace of what it owns/,
    );
  });

  test('an owner in a namespace is refused for an object without one', () => {
    expect(() => setControllerReference(owner, { metadata: { name: 'node' } })).toThrow(
      /has no namespace/,
    );
  });

  test('a cluster-scoped owner may own anything', () => {
    const clusterOwner = { ...owner, metadata: { name: 'shop', uid: 'u1' } };

    expect(hasControllerReference(setControllerReference(clusterOwner, child))).toBe(true);
  });

  test('the kind of an owner from a list is taken from its resource', () => {
    const { metadata } = owner;

    expect(() => setControllerReference({ metadata }, child)).toThrow(/no apiVersion and kind/);
    const owned = setControllerReference({ metadata }, child, {
      resource: { apiVersion: 'example.com/v1', kind: 'WebApp' },
    });
    expect(getControllerOf(owned)).toMatchObject(reference);
  });

  test('an owner that was not created yet is refused', () => {
    const unborn = { ...owner, metadata: { name: 'shop', namespace: 'ns' } };

    expect(() => setControllerReference(unborn, child)).toThrow('it has no uid; create it first');
  });
});

test('an owner that is no controller stands beside the controller', () => {
  const owned = setOwnerReference(other, setControllerReference(owner, child));

  expect(owned.metadata).toMatchObject({ ownerReferences: [{ uid: 'u1' }, { uid: 'u2' }] });
  expect(getControllerOf(owned)?.uid).toBe('u1');
});

test('removing an owner leaves the other ones, and gives the very same object when there is nothing to remove', () => {
  const owned = setOwnerReference(other, setControllerReference(owner, child));

  const left = removeOwnerReference(owner, owned);

  expect(hasOwnerReference(owner, left)).toBe(false);
  expect(hasOwnerReference(other, left)).toBe(true);
  expect(removeOwnerReference(owner, left)).toBe(left);
});

describe('removeControllerReference', () => {
  test('another can become the controller then, and other owners stay', () => {
    const owned = setOwnerReference(other, setControllerReference(owner, child));

    const left = removeControllerReference(owner, owned);

    expect(hasControllerReference(left)).toBe(false);
    expect(hasOwnerReference(other, left)).toBe(true);
    expect(hasControllerReference(setControllerReference(other, left))).toBe(true);
  });

  test('the very same object comes back when the owner is not the controller', () => {
    const owned = setOwnerReference(other, setControllerReference(owner, child));

    expect(removeControllerReference(other, owned)).toBe(owned);
    expect(removeControllerReference(owner, child)).toBe(child);
  });
});

describe('ownersOfKind', () => {
  const kind = { group: 'example.com', kind: 'WebApp' };
  const owned = setOwnerReference(other, setControllerReference(owner, child));
  const names = (object: Parameters<typeof ownersOfKind>[0], every: boolean): string[] =>
    ownersOfKind(object, kind, every).map(({ name }) => name);

  test('only the controller counts unless every owner is wanted', () => {
    expect(names(owned, false)).toEqual(['shop']);
    expect(names(owned, true)).toEqual(['shop', 'blog']);
  });

  test('the version does not count, the group and the kind do', () => {
    const one = (apiVersion: string, kindOf: string): string[] =>
      names(
        {
          metadata: {
            ownerReferences: [{ ...reference, apiVersion, kind: kindOf, controller: true }],
          },
        },
        false,
      );

    expect(one('example.com/v9', 'WebApp')).toEqual(['shop']);
    expect(one('example.org/v1', 'WebApp')).toEqual([]);
    expect(one('example.com/v1', 'Website')).toEqual([]);
  });

  test('only the first of several controllers counts', () => {
    const first = { ...reference, kind: 'Other', controller: true };
    const object = { metadata: { ownerReferences: [first, { ...reference, controller: true }] } };

    expect(names(object, false)).toEqual([]);
  });

  test('the version of the core group may have a slash before it', () => {
    const node = { ...reference, apiVersion: '/v1', kind: 'Node', name: 'n' };
    const object = { metadata: { ownerReferences: [node] } };

    expect(ownersOfKind(object, { group: '', kind: 'Node' }, true)).toEqual([node]);
  });

  test.each(['a/b/c', '', '/v1'])(
    'a reference with the bad API version "%s" counts as nothing',
    (apiVersion) => {
      const object = {
        metadata: { ownerReferences: [{ ...reference, apiVersion, controller: true }] },
      };

      expect(names(object, true)).toEqual([]);
    },
  );
});

describe('references that are not whole', () => {
  const nameless = { apiVersion: 'v1', kind: 'Node', name: '', uid: '7' };

  test('they stay where they are when another one is set or removed', () => {
    const object = { ...child, metadata: { ...child.metadata, ownerReferences: [nameless] } };

    const owned = setOwnerReference(owner, object);

    expect(owned.metadata.ownerReferences).toEqual([nameless, reference]);
    expect(removeOwnerReference(owner, owned).metadata.ownerReferences).toEqual([nameless]);
  });

  test('a controller without a name is a controller', () => {
    const ownerReferences = [{ ...nameless, controller: true }];
    const object = { ...child, metadata: { ...child.metadata, ownerReferences } };

    expect(() => setControllerReference(owner, object)).toThrow('is its controller');
  });

  test.each(['a/b/c', 'apps/', '/'])(
    'an owner of the API version "%s" is refused',
    (apiVersion) => {
      expect(() => setOwnerReference({ ...owner, apiVersion }, child)).toThrow(
        `"${apiVersion}" is not an apiVersion`,
      );
    },
  );
});
