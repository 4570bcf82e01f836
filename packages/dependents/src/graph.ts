/** Which dependent stands after which. It never has a cycle. */
export class DependentGraph {
  readonly #after = new Map<string, readonly string[]>();

  /** The names in the order in which they were added. */
  get names(): readonly string[] {
    return [...this.#after.keys()];
  }

  has(name: string): boolean {
    return this.#after.has(name);
  }

  /** @param after - may name what is added later @throws Error for a name that is there, and for a cycle */
  add(name: string, after: readonly string[]): void {
    if (this.#after.has(name))
      throw new Error(
        `Cannot add dependent "${name}": there is one of this name; choose another name`,
      );
    this.#after.set(name, after);
    const cycle = this.#pathTo(name, name);
    if (cycle === undefined) return;
    this.#after.delete(name);
    throw new Error(
      `Cannot add dependent "${name}": it would stand after itself; ${cycle.map((each) => `"${each}"`).join(' after ')}`,
    );
  }

  /** @throws Error when a name was never added */
  checkComplete(): void {
    for (const [name, after] of this.#after)
      for (const each of after)
        if (!this.#after.has(each))
          throw new Error(
            `Cannot use dependents: "${name}" stands after "${each}", which was never added`,
          );
  }

  /** Those right before it. */
  before(name: string): readonly string[] {
    return this.#after.get(name) ?? [];
  }

  /** All those before it. */
  allBefore(name: string): ReadonlySet<string> {
    const found = new Set<string>();
    const open = [...this.before(name)];
    for (let each = open.pop(); each !== undefined; each = open.pop())
      if (!found.has(each)) {
        found.add(each);
        open.push(...this.before(each));
      }
    return found;
  }

  /** Those right after it. */
  followers(name: string): readonly string[] {
    return this.names.filter((each) => this.before(each).includes(name));
  }

  #pathTo(from: string, target: string, seen: Set<string> = new Set()): string[] | undefined {
    for (const each of this.before(from)) {
      if (each === target) return [from, target];
      if (seen.has(each)) continue;
      seen.add(each);
      const path = this.#pathTo(each, target, seen);
      if (path) return [from, ...path];
    }
    return undefined;
  }
}
