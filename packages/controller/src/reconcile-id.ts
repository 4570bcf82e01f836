/** By the signals that reconcilers are given. */
const ids = new WeakMap<AbortSignal, string>();

/** Says to which run a signal belongs. */
export function setReconcileID(signal: AbortSignal, reconcileID: string): void {
  ids.set(signal, reconcileID);
}

/**
 * The id of the reconcile to which a signal belongs, for code that is handed the signal alone: controller-runtime has it in
 * the context. `undefined` of any other signal, also of one that `AbortSignal.any` makes of a reconcile's.
 *
 * @param signal - `context.signal`, as the reconciler was given it
 */
export function reconcileIDOf(signal: AbortSignal): string | undefined {
  return ids.get(signal);
}
