/** The server filters before it cuts pages, so even one without an item is rare. */
const maxEmptyPages = 1000;
/** kube-apiserver's are a few hundred characters: a version and a key. */
const maxTokenLength = 16_384;

/** Refuses lists of pages that would never end, and tokens that would fill the memory meanwhile. */
export class PageGuard {
  readonly #what: string;
  readonly #server: string;
  readonly #seen = new Set<string>();
  #emptyPages = 0;

  /** @param what - the name of the resource */
  constructor(what: string, server: string) {
    this.#what = what;
    this.#server = server;
  }

  /** Takes note of a page and the token that came with it. @throws Error when the next page is not to be asked for */
  note(items: number, token: string): void {
    this.#emptyPages = items === 0 ? this.#emptyPages + 1 : 0;
    if (this.#seen.has(token))
      this.#refuse('gave the same continue token twice, so the list would never end');
    if (this.#emptyPages === maxEmptyPages)
      this.#refuse(`gave ${maxEmptyPages} pages in a row without an item, and yet another to read`);
    if (token.length > maxTokenLength)
      this.#refuse(`gave a continue token of ${token.length} characters`);
    this.#seen.add(token);
  }

  #refuse(why: string): never {
    throw new Error(`Cannot list ${this.#what}: server ${this.#server} ${why}`);
  }
}
