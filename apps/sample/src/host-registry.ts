/**
 * A system outside the cluster that must be cleaned up when a WebApp goes: here the host names under which applications
 * are known to the world. Kubernetes' garbage collection cannot reach it, so a finalizer holds the WebApp back until
 * {@link withdraw} has succeeded.
 */
export class HostRegistry {
  readonly #hosts = new Map<string, string>();

  /** Makes an application known. Doing it again changes nothing. */
  async publish(application: string): Promise<void> {
    this.#hosts.set(application, `${application.replace('/', '.')}.example.com`);
  }

  /** Forgets an application. Doing it again changes nothing. */
  async withdraw(application: string): Promise<void> {
    this.#hosts.delete(application);
  }

  /** The host name of an application, or `undefined` when it is not known. */
  hostOf(application: string): string | undefined {
    return this.#hosts.get(application);
  }

  /** How many applications are known. */
  get size(): number {
    return this.#hosts.size;
  }
}
