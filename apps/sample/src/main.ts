import { inProcessCluster } from './cluster/in-process-cluster.ts';
import { realCluster } from './cluster/real-cluster.ts';
import { printOnce } from './run/print-once.ts';
import { showLive } from './run/show-live.ts';
import { runSharedDemo } from './shared/shared-demo.ts';
import { help, parseOptions, type Options } from './story/options.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${help}`);
    return 2;
  }
  if (options.help) {
    console.log(help);
    return 0;
  }
  const interrupted = new AbortController();
  const interrupt = (): void => {
    // The second time somebody means it.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await (options.shared ? runSharedDemo : run)(options, interrupted.signal);
    return 0;
  } catch (error) {
    if (!interrupted.signal.aborted) {
      console.error(messageOf(error));
      return 1;
    }
    console.log('Interrupted. Everything that was made is removed.');
    return options.once ? 130 : 0;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

async function run({ once, pods, ...options }: Options, interrupted: AbortSignal): Promise<void> {
  const { kubeconfig, context, kubelet } = options;
  const isReal = kubeconfig !== undefined || context !== undefined;
  const cluster = isReal
    ? await realCluster({ kubeconfig, context, playsNodes: kubelet }, interrupted)
    : await inProcessCluster(interrupted);
  const isLive = !once && process.stdout.isTTY;
  try {
    await (isLive ? showLive : printOnce)(cluster, pods, interrupted);
  } finally {
    await cluster.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
