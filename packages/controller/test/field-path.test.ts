import { expect, test } from 'vitest';
import { withoutField } from '../src/field-path.ts';

const object = {
  metadata: { name: 'a', labels: { 'example.com/a.b': '1', example: '2' } },
  spec: {
    replicas: 3,
    containers: [
      { name: 'a', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP', hostPort: 1 }] },
      { name: 'a"],b', image: 'j' },
    ],
    tags: ['x', 'y'],
    list: [{ a: 1 }, { a: 2 }],
  },
};

test.each([
  ['.spec.replicas', (copy: typeof object) => void Reflect.deleteProperty(copy.spec, 'replicas')],
  [
    '.metadata.labels.example.com/a.b',
    (copy: typeof object) => void Reflect.deleteProperty(copy.metadata.labels, 'example.com/a.b'),
  ],
  [
    '.spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].hostPort',
    (copy: typeof object) =>
      void Reflect.deleteProperty(copy.spec.containers[0]?.ports?.[0] ?? {}, 'hostPort'),
  ],
  [
    String.raw`.spec.containers[name="a\"],b"].image`,
    (copy: typeof object) => void Reflect.deleteProperty(copy.spec.containers[1] ?? {}, 'image'),
  ],
  ['.spec.containers[name="a"]', (copy: typeof object) => void copy.spec.containers.shift()],
  ['.spec.tags[="y"]', (copy: typeof object) => void copy.spec.tags.pop()],
  ['.spec.list[1].a', (copy: typeof object) => void copy.spec.list.splice(1, 1, {} as never)],
])('one field goes, and nothing else: %s', (path, change) => {
  const wanted = structuredClone(object);
  change(wanted);

  expect(withoutField(Object.freeze(object), path)).toEqual(wanted);
});

test.each([
  '.spec.none',
  '.spec.rep',
  '.spec.replicas.more',
  '.spec.containers[name="b"]',
  '.spec.containers[name="a",other="b"]',
  '.spec.containers[name="a"',
  '.spec.containers[',
  '.spec.tags[="z"]',
  '.spec.list[7]',
  'spec',
])('a path that names no field of the object gives nothing: %s', (path) => {
  expect(withoutField(object, path)).toBeUndefined();
});
