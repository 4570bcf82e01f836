/** A ConfigMap as one run sees it: what it writes lands only when nobody else has written since it was read. */
export class GuardedObject {
  readonly #url: string;
  readonly #seen: object;

  /** Reads the object of a key. */
  static async read(base: string, key: string): Promise<GuardedObject> {
    const url = `${base}/${key}`;
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`Cannot read ${url}: ${answer.status}`);
    // A ConfigMap, which is an object.
    return new GuardedObject(url, (await answer.json()) as object);
  }

  private constructor(url: string, seen: object) {
    this.#url = url;
    this.#seen = seen;
  }

  /** Writes it with the resource version that was read. Answers whether it landed; false says that somebody else was faster. */
  async write(): Promise<boolean> {
    const answer = await fetch(this.#url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...this.#seen,
        data: { by: `${process.pid}`, at: `${process.hrtime.bigint()}` },
      }),
    });
    if (answer.status === 409) return false;
    if (!answer.ok) throw new Error(`Cannot write ${this.#url}: ${answer.status}`);
    return true;
  }
}
