import { expect, test } from 'vitest';
import { shapeOf, type TreeNode } from '../src/story/owner-tree.ts';
import { plain } from '../src/view/style.ts';
import { treeLines } from '../src/view/tree-lines.ts';

const leaf = (kind: string, name: string, state: string, detail = ''): TreeNode => ({
  kind,
  name,
  state,
  detail,
  children: [],
});

const tree: TreeNode = {
  ...leaf('WebApp', 'shop', '1/1 ready'),
  children: [
    leaf('ConfigMap', 'shop', 'a=1'),
    {
      ...leaf('Deployment', 'shop', '1/1 ready'),
      children: [
        {
          ...leaf('ReplicaSet', 'shop-77', '1/1 ready'),
          children: [leaf('Pod', 'shop-77-x', 'ready', 'node-1')],
        },
        leaf('ReplicaSet', 'shop-66', '0/0 ready'),
      ],
    },
  ],
};

test('a tree is drawn with a branch for each object', () => {
  expect(treeLines([tree], plain)).toEqual([
    'WebApp shop  1/1 ready',
    '├─ ConfigMap shop  a=1',
    '└─ Deployment shop  1/1 ready',
    '   ├─ ReplicaSet shop-77  1/1 ready',
    '   │  └─ Pod shop-77-x  ready  node-1',
    '   └─ ReplicaSet shop-66  0/0 ready',
  ]);
});

test('the shape of a tree has no generated names, no places and no idle ReplicaSets', () => {
  const shape = JSON.stringify(shapeOf([tree]));

  expect(shape).not.toMatch(/77|66|node-1/);
  expect(shape).toContain('"name":"Pod"');
});
