import { setTimeout as sleep } from 'node:timers/promises';

import type { Trouble } from '../pipe.ts';
import type { Link, Proxy } from '../proxy.ts';
import type { Fault, FaultParameters, FaultWorld } from './fault.ts';

/** Faults of the connection between subject and server, all made by the proxy. */
export const networkFaults: readonly Fault[] = [
  {
    name: 'freeze',
    description: 'Nothing passes for a while, and connections stay open',
    weight: 12,
    run: (world, parameters) => lasting(world, parameters, { freeze: true }),
  },
  {
    name: 'half-open',
    description: 'Connections never pass anything again, and nobody is told',
    weight: 6,
    async run({ proxy }, parameters) {
      // Those that are open, not new ones: the way itself is fine.
      for (const link of chosen(proxy, parameters))
        proxy.trouble({ swallow: true }, parameters.direction, link);
      await sleep(parameters.durationMs);
    },
  },
  {
    name: 'delay',
    description: 'Every chunk comes 20 to 800 ms late',
    weight: 8,
    mayGoAlongside: true,
    run: (world, parameters) =>
      lasting(world, parameters, { delayMs: 20 + Math.round(parameters.amount * 7.8) }),
  },
  {
    name: 'throttle',
    description: '2 to 200 KB pass a second',
    weight: 7,
    mayGoAlongside: true,
    run: (world, parameters) =>
      lasting(world, parameters, { bytesPerSecond: 2000 * (1 + parameters.amount) }),
  },
  {
    name: 'truncate',
    description: 'Connections are cut after 1 to 20,000 further bytes',
    weight: 14,
    mayGoAlongside: true,
    run: (world, parameters) =>
      lasting(world, parameters, { cutAfterBytes: 1 + parameters.amount ** 2 * 2 }),
  },
  {
    name: 'corrupt',
    description: 'One bit turns',
    weight: 5,
    run: (world, parameters) => lasting(world, parameters, { corrupt: true }),
  },
  {
    name: 'drop',
    description: 'Connections end in the middle, in the orderly way of TCP',
    weight: 12,
    mayGoAlongside: true,
    run: (world, parameters) => cutting(world, parameters, 'end'),
  },
  {
    name: 'reset',
    description: 'Connections are reset',
    weight: 14,
    mayGoAlongside: true,
    run: (world, parameters) => cutting(world, parameters, 'reset'),
  },
  {
    name: 'reset-storm',
    description: 'Connections are reset again and again, also those just made',
    weight: 5,
    mayGoAlongside: true,
    async run({ proxy }, { durationMs }) {
      const until = performance.now() + durationMs;
      while (performance.now() < until) {
        proxy.cut('reset');
        await sleep(70);
      }
    },
  },
  {
    name: 'refuse',
    description: 'Connections are reset and new ones refused',
    weight: 12,
    mayGoAlongside: true,
    async run({ proxy }, { durationMs, amount }) {
      await proxy.refuse();
      // Sometimes only new connections suffer.
      if (amount < 80) proxy.cut('reset');
      await sleep(durationMs);
      await proxy.listen();
    },
  },
  {
    name: 'silent-accept',
    description: 'Connections are reset; new ones are accepted and then hear nothing',
    weight: 6,
    async run({ proxy }, { durationMs }) {
      proxy.trouble({ freeze: true }, 'both');
      proxy.cut('reset');
      await sleep(durationMs);
      proxy.heal();
    },
  },
  {
    name: 'slow-and-cut',
    description: 'Every chunk comes late, and meanwhile connections are reset twice',
    weight: 5,
    async run({ proxy }, parameters) {
      proxy.trouble({ delayMs: 50 + parameters.amount }, parameters.direction);
      for (let round = 0; round < 2; round += 1) {
        await sleep(parameters.durationMs / 3);
        proxy.cut('reset', chosen(proxy, parameters));
      }
      await sleep(parameters.durationMs / 3);
      proxy.heal();
    },
  },
];

/** The connections that a fault is about. */
function chosen(proxy: Proxy, { scope, amount }: FaultParameters): readonly Link[] {
  const { links } = proxy;
  const one = links[amount % Math.max(1, links.length)];
  return scope === 'all' || one === undefined ? links : [one];
}

async function lasting(
  { proxy }: FaultWorld,
  parameters: FaultParameters,
  trouble: Trouble,
): Promise<void> {
  if (parameters.scope === 'all') proxy.trouble(trouble, parameters.direction);
  else
    for (const link of chosen(proxy, parameters))
      proxy.trouble(trouble, parameters.direction, link);
  await sleep(parameters.durationMs);
  proxy.heal();
}

async function cutting(
  { proxy }: FaultWorld,
  parameters: FaultParameters,
  how: 'end' | 'reset',
): Promise<void> {
  proxy.cut(how, chosen(proxy, parameters));
  await sleep(parameters.durationMs);
}
