import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../src/deep-freeze.ts';
import { MutationDetector, type Mutation } from '../src/mutation-detector.ts';

interface Thing {
  metadata: { name: string; labels: Record<string, string> };
  spec: { size: number; parts: { size: number }[] };
}

/** An object whose spec is made when it is first read, as a source of lazy objects does it. */
function lazyThing(): { obj: Thing; decoded: () => number } {
  let decoded = 0;
  const make = (metadata: Thing['metadata']): Thing => {
    let freeze: (<T>(value: T) => T) | undefined;
    let spec: Thing['spec'] | undefined;
    const parts = {
      isPending: (name: string): boolean => name === 'spec' && spec === undefined,
      freezeWith: (given: <T>(value: T) => T): void => {
        freeze = given;
      },
      copy: (owner: Thing, copy: (value: unknown) => unknown): Thing => {
        // A copy of metadata is of its type.
        const twin = make(copy(owner.metadata) as Thing['metadata']);
        if (spec) Object.defineProperty(twin, 'spec', { value: copy(spec), enumerable: true });
        return twin;
      },
    };
    return Object.defineProperties({ metadata } as Thing, {
      spec: {
        configurable: true,
        enumerable: true,
        get: () => {
          if (spec) return spec;
          decoded += 1;
          const made = { size: 1, parts: [{ size: 2 }] };
          spec = freeze ? freeze(made) : made;
          return spec;
        },
      },
      [Symbol.for('@kubeloop/lazy')]: { get: () => parts },
    });
  };
  return { obj: make({ name: 'a', labels: {} }), decoded: () => decoded };
}

describe('deepFreeze of an object that decodes its members when they are read', () => {
  test('decodes nothing, and what is decoded later is frozen', () => {
    const { obj, decoded } = lazyThing();

    deepFreeze(obj);
    const before = decoded();

    expect(before).toBe(0);
    expect([obj, obj.metadata.labels, obj.spec, obj.spec.parts[0]].every(Object.isFrozen)).toBe(
      true,
    );
  });

  test('freezes what was decoded before', () => {
    const { obj } = lazyThing();
    const { spec } = obj;

    deepFreeze(obj);

    expect(Object.isFrozen(spec.parts[0])).toBe(true);
  });
});

describe('a mutation detector with such objects', () => {
  function detector(): { detector: MutationDetector<Thing>; found: Mutation<Thing>[] } {
    const found: Mutation<Thing>[] = [];
    return {
      detector: new MutationDetector<Thing>({ onMutation: (mutation) => found.push(mutation) }),
      found,
    };
  }

  test('decodes nothing that nobody has read', () => {
    const { obj, decoded } = lazyThing();
    const { detector: it, found } = detector();

    it.add(obj);
    it.check();

    expect({ decoded: decoded(), found }).toEqual({ decoded: 0, found: [] });
  });

  test('takes what was read and left alone for unchanged', () => {
    const { obj } = lazyThing();
    const { detector: it, found } = detector();
    it.add(obj);

    void obj.spec;
    it.check();

    expect(found).toEqual([]);
  });

  test.each<[string, (obj: Thing) => unknown]>([
    ['deep in what was decoded', (obj) => obj.spec.parts.push({ size: 9 })],
    ['in what is always there', (obj) => (obj.metadata.labels['x'] = 'y')],
    ['by a new member', (obj) => Object.assign(obj, { extra: 1 })],
    ['by a member taken away', (obj) => Reflect.deleteProperty(obj, 'spec')],
  ])('finds a change %s', (_, change) => {
    const { obj } = lazyThing();
    const { detector: it, found } = detector();
    it.add(obj);

    change(obj);
    it.check();

    expect(found.map((each) => each.obj)).toEqual([obj]);
  });

  test('takes what was changed before it was added for the original', () => {
    const { obj } = lazyThing();
    const { detector: it, found } = detector();
    obj.spec.size = 5;
    it.add(obj);

    it.check();

    expect(found).toEqual([]);
  });
});
