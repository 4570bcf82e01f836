/** How far the store has got, and from where to read next. */
export class ResourceVersions {
  /** The version of the last event or list that the store has. Empty before the first list. */
  last: string = '';
  /** The server has lost {@link last}, or never had it. Until the next list that succeeds. */
  isUnavailable: boolean = false;

  /** For a list: at first any version the server has at hand, then nothing older than what was seen, and the newest when that is lost. */
  get forList(): string {
    if (this.isUnavailable) return '';
    return this.last === '' ? '0' : this.last;
  }

  /** For a streaming list: nothing older than what was seen; empty means the newest. */
  get forStream(): string {
    return this.isUnavailable ? '' : this.last;
  }
}
