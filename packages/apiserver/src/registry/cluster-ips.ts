/** Hands out addresses of `10.96.0.0/12` to services, one after the other, none twice. */
export class ClusterIps {
  #last = 9;

  next(): string {
    this.#last += 1;
    return `10.${96 + ((this.#last >> 16) & 15)}.${(this.#last >> 8) & 255}.${this.#last & 255}`;
  }
}
