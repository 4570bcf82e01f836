/** Which objects of a resource an informer is for. */
export interface InformerSelection {
  /** Only the objects of one namespace. Default: those of the manager's, or of all. */
  readonly namespace?: string | undefined;
  /** Only objects whose labels fit. Default all. */
  readonly labelSelector?: string | undefined;
  /** Only objects whose fields fit. Default all. */
  readonly fieldSelector?: string | undefined;
}
