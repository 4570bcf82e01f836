/** Which of several urls to try next: in turn, those last of which an attempt has failed. */
export class UrlRing {
  readonly #urls: readonly string[];
  /** When each failed last, counted in attempts. */
  readonly #failed = new Map<string, number>();
  #attempts = 0;
  #next = 0;

  /** @param urls - one or more */
  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** The url to try. */
  next(): string {
    const turn = [...this.#urls.slice(this.#next), ...this.#urls.slice(0, this.#next)];
    const [url = ''] = turn.toSorted((one, other) => this.#rank(one) - this.#rank(other));
    this.#next = (this.#urls.indexOf(url) + 1) % this.#urls.length;
    this.#attempts += 1;
    return url;
  }

  /** The attempt with this url has failed. */
  failed(url: string): void {
    this.#failed.set(url, this.#attempts);
  }

  /** The attempt with this url was a success. */
  worked(url: string): void {
    this.#failed.delete(url);
  }

  #rank(url: string): number {
    return this.#failed.get(url) ?? 0;
  }
}
