/** How a test reaches the control plane of the whole run. */
export interface ControlPlaneAccess {
  /** Address of the API server. */
  readonly server: string;
  /** Bearer token of a user who may do everything. */
  readonly token: string;
  /** Certificate that the server's own is checked against, PEM. */
  readonly ca: string;
  /** Path of a kubeconfig. */
  readonly kubeconfig: string;
}

/** Why the run has no control plane: one sentence for a human. */
export interface ControlPlaneSkip {
  /** The sentence. */
  readonly skip: string;
}

declare module 'vitest' {
  /** What `inject` of vitest returns by key. */
  interface ProvidedContext {
    /** The control plane that the global set-up started, or why it did not. */
    readonly controlPlane: ControlPlaneAccess | ControlPlaneSkip;
  }
}
