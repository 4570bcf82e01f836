/** The names of the controllers that run in this process. */
const running = new Set<string>();

/**
 * Takes the names of controllers for itself while they run, because metrics and logs of two controllers of one name in a
 * process could not be told apart. Source: controller-runtime's `pkg/controller/name.go`.
 */
export class NameClaims {
  readonly #claimed = new Set<string>();

  /** @throws Error when a controller of this name runs in the process */
  claim(name: string): void {
    if (running.has(name))
      throw new Error(
        `Cannot run controller "${name}": one of this name runs in another manager of this process; choose another name, or set skipNameValidation`,
      );
    running.add(name);
    this.#claimed.add(name);
  }

  /** Gives all names back. */
  release(): void {
    for (const name of this.#claimed) running.delete(name);
    this.#claimed.clear();
  }
}
