import { fileURLToPath } from 'node:url';

import { buildGoProgram } from '@kubeloop/control-plane';

import type { SubjectProgram } from './subject-process.ts';

/** The programs that can be subjects. */
export const subjectNames = ['kubeloop', 'client-node', 'client-go'] as const;

/** The name of a subject. */
export type SubjectName = (typeof subjectNames)[number];

/** Subjects that have a controller. */
export function reconciles(name: SubjectName): boolean {
  return name !== 'client-node';
}

/** The plural of the resource whose groups a subject's controller reconciles, if any. */
export function fanOut(name: SubjectName): string | undefined {
  return name === 'kubeloop' ? 'secrets' : undefined;
}

/** How a subject is started; the one in Go is built first. Throws an `Error` when there is no Go to build it with. */
export async function subjectProgram(name: SubjectName): Promise<SubjectProgram> {
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  if (name !== 'client-go') {
    const flags = ['--expose-gc', '--conditions=@kubeloop/source'];
    return { command: process.execPath, args: [...flags, path(`./subjects/${name}.ts`)] };
  }
  const built = await buildGoProgram({
    module: path('../go'),
    package: './subject',
    outputFolder: path('../temp'),
  });
  if ('missing' in built) throw new Error(`Cannot run subject client-go: ${built.missing}`);
  return { command: built.path, args: [] };
}
