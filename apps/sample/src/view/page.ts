import type { Sample } from '../sample.ts';
import type { Chapter } from '../story/chapter.ts';
import { ownerTrees } from '../story/owner-tree.ts';
import type { EventLog } from './event-log.ts';
import { queueLines } from './queue-lines.ts';
import type { Style } from './style.ts';
import { treeLines } from './tree-lines.ts';

/** What a page shows besides the sample itself. */
export interface PageContent {
  readonly title: string;
  readonly chapter: Chapter | undefined;
  /** Such as `2 of 7`. */
  readonly progress: string;
  /** What the chapter has verified so far. */
  readonly verified: readonly string[];
  readonly log: EventLog;
}

/** The live view: where the story is and why, the owner tree, each queue, the latest events. */
export function pageLines(sample: Sample, content: PageContent, style: Style): string[] {
  const { title, chapter, progress, verified, log } = content;
  const { caches, namespace } = sample.stage;
  return [
    `${style.strong('Kubeloop')}  ${style.faint(title)}  ${style.faint('Ctrl-C ends')}`,
    '',
    `${style.strong(chapter?.title ?? 'Starting')}  ${style.faint(progress)}`,
    chapter?.why ?? 'The caches fill.',
    ...verified.map((says) => style.good(`✓ ${says}`)),
    '',
    ...treeLines(ownerTrees(caches, namespace), style),
    '',
    ...queueLines(sample.controllers, style),
    '',
    ...log.events.map(
      ({ atMs, text }) => `${style.faint(`${(atMs / 1000).toFixed(1).padStart(6)} s`)}  ${text}`,
    ),
  ];
}
