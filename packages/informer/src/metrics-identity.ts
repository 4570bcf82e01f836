/** The names of factories that are in use in this process, whichever copies of this package the factories come from. */
const registryKey = Symbol.for('@kubeloop/informer/factory-names');

function registry(): Set<string> {
  // Nobody else knows the key.
  const holder = globalThis as { [registryKey]?: Set<string> };
  holder[registryKey] ??= new Set();
  return holder[registryKey];
}

/**
 * Whose figures are whose. Two factories must not count under one name, nor two informers of one factory, since the last
 * one to write would win. Source: client-go's `tools/cache/identity.go`.
 */
export class MetricsIdentity {
  /** The name of the factory; empty when it has none and takes no part in this. */
  readonly name: string;
  readonly #informers = new Set<string>();
  #isReleased = false;

  /** @throws TypeError when the name is no text or empty; Error when another factory of this process has it */
  constructor(name: string | undefined) {
    this.name = name ?? '';
    if (name === undefined) return;
    if (typeof name !== 'string' || name === '')
      throw new TypeError('Cannot name a factory: the name must be a text that is not empty');
    if (registry().has(name))
      throw new Error(
        `Cannot name a factory "${name}": another one of this process has that name; shut that down, or choose another`,
      );
    registry().add(name);
  }

  /** Whether an informer may count under its name: the first that asks may. */
  reserve(informer: string): boolean {
    if (this.#isReleased || this.#informers.has(informer)) return false;
    this.#informers.add(informer);
    return true;
  }

  /** Lets another informer have the name. */
  giveBack(informer: string): void {
    this.#informers.delete(informer);
  }

  /** Lets another factory have the name. Can be called again. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#informers.clear();
    registry().delete(this.name);
  }
}
