import type { KubeConfigCluster, KubeConfigLike } from './kube-config-like.ts';

/** The server of the context that client-node makes up where it finds no kubeconfig and no service account. */
const madeUp = { context: 'loaded-context', server: 'http://localhost:8080' };

/** Whether client-node found nothing to load and made a kubeconfig up, as `loadFromDefault` does without a word. */
export function isMadeUp(config: KubeConfigLike): boolean {
  const cluster = config.getCurrentCluster();
  return (
    config.getCurrentContext() === madeUp.context &&
    cluster?.server === madeUp.server &&
    cluster.skipTLSVerify !== true
  );
}

/**
 * Follows the current context to its cluster and its user. A context need not have a user, but one that it names must be
 * there: the client would go on as nobody.
 *
 * @param where - the kubeconfig in words, for messages
 * @throws TypeError that names what is missing and what is there instead
 */
export function followContext(config: KubeConfigLike, where: string): KubeConfigCluster {
  const problem = (words: string): TypeError => new TypeError(`Cannot use ${where}: ${words}`);
  const name = config.getCurrentContext();
  if (!name) throw problem(`it has no current context${choices(config)}`);
  const context = config.getContextObject?.(name);
  if (context === null)
    throw problem(`its current context "${name}" does not exist${choices(config)}`);
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw problem(
      context
        ? `its context "${name}" names cluster "${context.cluster}", which it does not define`
        : `its current context "${name}" does not exist or names a cluster that does not`,
    );
  if (context?.user && !config.getCurrentUser())
    throw problem(`its context "${name}" names user "${context.user}", which it does not define`);
  return cluster;
}

/** The contexts to choose from, as the end of a message. */
export function choices(config: KubeConfigLike): string {
  const contexts = config.getContexts?.();
  if (contexts === undefined) return '';
  if (contexts.length === 0) return ', and no contexts at all, so it may be no kubeconfig';
  return `, choose one of ${contexts.map(({ name }) => JSON.stringify(name)).join(', ')}`;
}
