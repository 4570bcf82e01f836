import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  /** Runs the story without delays, prints what was verified and ends. */
  readonly once: boolean;
  /** A kubeconfig file; with it, or with a context, the sample runs on a real cluster. */
  readonly kubeconfig: string | undefined;
  /** A context of the kubeconfig. */
  readonly context: string | undefined;
  /** Plays the nodes of a real cluster that has none. */
  readonly kubelet: boolean;
  /** About how many pods the simulation has besides those of the story. */
  readonly pods: number;
  /** Shows several processes that share one queue on a message broker, instead of the story. */
  readonly shared: boolean;
  /** Address of the broker to use; without it one is started. */
  readonly broker: string | undefined;
  /** Prints how it is used and ends. */
  readonly help: boolean;
}

export const help = `Usage: npm run demo -- [options]

Runs the WebApp controller through a story: create, scale, crash, rollout, a node that fails, delete.
Without options the cluster is an API server in this process, with a simulated kubelet and workload controllers.

  --once              without delays: prints the final tree and what was verified; exit code 0 only if everything converged
  --kubeconfig PATH   on the cluster of this kubeconfig: installs the CRD, touches only what it made, and removes it at the end
  --context NAME      the context of the kubeconfig to use; default: its current one
  --kubelet           on a cluster without nodes (envtest): plays the scheduler and the kubelets
  --pods N            on the in-process server: about N pods more, of further WebApps
  --shared            another story: one process that watches and three that work share a queue on RabbitMQ, and one is killed
  --broker URL        with --shared: on the broker at amqp://user:password@host:port, instead of one that is started for the demo
  --help              this text
`;

/**
 * Reads the command line.
 *
 * @throws TypeError when an option is unknown or lacks its value, RangeError when a value is out of range
 */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      kubelet: { type: 'boolean', default: false },
      pods: { type: 'string', default: '0' },
      shared: { type: 'boolean', default: false },
      broker: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const pods = Number(values.pods);
  if (!Number.isInteger(pods) || pods < 0)
    throw new RangeError(`Cannot use --pods ${values.pods}: it must be a whole number, 0 or more`);
  const isReal = values.kubeconfig !== undefined || values.context !== undefined;
  if (isReal && pods > 0)
    throw new RangeError('Cannot use --pods on a real cluster: the load is part of the simulation');
  if (!isReal && values.kubelet)
    throw new RangeError(
      'Cannot use --kubelet without --kubeconfig or --context: the in-process server always has one',
    );
  if (values.shared && (isReal || pods > 0))
    throw new RangeError('Cannot use --shared with other options than --once and --broker');
  if (values.broker !== undefined && !values.shared)
    throw new RangeError('Cannot use --broker without --shared');
  return {
    once: values.once,
    kubeconfig: values.kubeconfig,
    context: values.context,
    kubelet: values.kubelet,
    pods,
    shared: values.shared,
    broker: values.broker,
    help: values.help,
  };
}
