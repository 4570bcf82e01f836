import type { TreeNode } from '../story/owner-tree.ts';
import type { Style } from './style.ts';

/** Draws trees with branches, one object a line. */
export function treeLines(trees: readonly TreeNode[], style: Style): string[] {
  return trees.flatMap((tree) => [line(tree, style), ...childLines(tree.children, '', style)]);
}

function childLines(children: readonly TreeNode[], indent: string, style: Style): string[] {
  return children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    return [
      `${indent}${isLast ? '└─ ' : '├─ '}${line(child, style)}`,
      ...childLines(child.children, `${indent}${isLast ? '   ' : '│  '}`, style),
    ];
  });
}

function line({ kind, name, state, detail }: TreeNode, style: Style): string {
  const coloured = /^(\d+)\/\1 ready|^ready|endpoints|=|no settings/.test(state)
    ? style.good(state)
    : style.bad(state);
  return `${style.faint(kind)} ${style.strong(name)}  ${coloured}${detail === '' ? '' : `  ${style.faint(detail)}`}`;
}
