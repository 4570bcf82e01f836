import type { Controller } from '@kubeloop/controller';
import type { Style } from './style.ts';

/** A table of the controllers' queues: what waits, what is in flight, and what waits for its retry or its time. */
export function queueLines(controllers: readonly Controller[], style: Style): string[] {
  const width = Math.max(...controllers.map((controller) => controller.name.length), 10);
  const heading = `${'controller'.padEnd(width)}  waiting  in flight  retrying  in flight now`;
  return [
    style.faint(heading),
    ...controllers.map(({ name, queue }) => {
      const described = queue?.describe?.({ limit: 3 });
      const { queued = 0, processing = 0, waiting = 0 } = described?.counts ?? {};
      const inFlight = described?.processing ?? [];
      return [
        name.padEnd(width),
        String(queued).padStart(7),
        String(processing).padStart(9),
        String(waiting).padStart(8),
        [...inFlight, ...(processing > inFlight.length ? ['…'] : [])].join(' '),
      ].join('  ');
    }),
  ];
}
