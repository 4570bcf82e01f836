import type { Controller } from '@kubeloop/controller';
import type { Style } from './style.ts';

/** A table of the controllers' queues: what waits, what is in flight, what waits for its retry or its time, and what was done. */
export function queueLines(controllers: readonly Controller[], style: Style): string[] {
  const width = Math.max(...controllers.map((controller) => controller.name.length), 10);
  const heading = `${'controller'.padEnd(width)}  waiting  in flight  retrying   done  in flight now`;
  return [
    style.faint(heading),
    ...controllers.map(({ name, queue, counters }) => {
      const described = queue?.describe?.({ limit: 3 });
      const { queued = 0, processing = 0, waiting = 0 } = described?.counts ?? {};
      const inFlight = described?.processing ?? [];
      return [
        name.padEnd(width),
        String(queued).padStart(7),
        String(processing).padStart(9),
        String(waiting).padStart(8),
        String(sum(Object.values(counters.reconciles))).padStart(5),
        [...inFlight, ...(processing > inFlight.length ? ['…'] : [])].join(' '),
      ].join('  ');
    }),
  ];
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
