import { buildGoCommand, type PeerProgram } from '../pod-informers/peers.ts';
import type { Grower } from './series.ts';

/** Which option of the programs the size is given to. */
export type GrowingOption = 'handlers' | 'informers' | undefined;

/** Our informer. @param options - further options of its program */
export function ours(
  program: PeerProgram,
  growing: GrowingOption,
  title: string = 'kubeloop',
  options: readonly string[] = [],
): Grower {
  return {
    title,
    programOf: (size) => ({
      ...program,
      options: [
        ...program.options,
        ...options,
        ...(growing === undefined ? [] : [`--${growing}`, String(size)]),
      ],
    }),
  };
}

/**
 * The informer of client-go, which drops managedFields as ours does.
 *
 * @throws when there is no Go, or its modules cannot be had
 */
export async function clientGo(growing: 'handlers' | undefined): Promise<Grower> {
  const command = await buildGoCommand('pod-informer');
  const title = 'client-go';
  return {
    title,
    programOf: (size) => ({
      id: 'client-go',
      title,
      command,
      options: [
        '-mode',
        'stripped',
        ...(growing === undefined ? [] : [`-${growing}`, String(size)]),
      ],
    }),
  };
}
