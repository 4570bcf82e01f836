/** Placeholder until the server's certificate can be changed. */
export interface Certificates {
  readonly ca: string;
}
