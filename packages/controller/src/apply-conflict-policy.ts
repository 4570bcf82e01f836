import type { ObjectLike } from '@kubeloop/cache-store';
import type { Apply, ApplyConflict, ApplyOptions } from '@kubeloop/client';
import { applyConflicts } from '@kubeloop/client';
import { withoutField } from './field-path.ts';

/** The part of a resource client that applies; `client.resource(deployments)` fits. */
export interface ApplyClient<T> {
  /** Server-side apply. */
  apply(object: Apply<T>, options: ApplyOptions): Promise<T>;
  /** Server-side apply to the status alone. */
  applyStatus(object: Apply<T>, options: ApplyOptions): Promise<T>;
}

/**
 * What to do about a field that another manager owns: `force` takes it, `yield` leaves it out of the apply so that the
 * other keeps it, `fail` throws. The three ways out that Kubernetes' own page on server-side apply names.
 */
export type ApplyDecision = 'force' | 'yield' | 'fail';

/** How {@link applyDeciding} applies. */
export interface ApplyDecidingOptions extends Omit<ApplyOptions, 'force'> {
  /** Asked for each field in conflict. */
  readonly onConflict: (conflict: ApplyConflict) => ApplyDecision;
  /** What to apply to. Default: the object itself. */
  readonly subresource?: 'status' | undefined;
}

/** How often fields are left out; each time the server found further ones. */
const maxAttempts = 5;

/**
 * Server-side apply that asks what to do about each field that another manager owns, instead of forcing all of them or
 * failing at the first. Nothing is forced that was not asked for: the apply is tried without force first.
 *
 * An apply can be forced only as a whole. Between the answer of the server and a forced apply somebody else may take a further
 * field, which is then taken from them.
 *
 * @throws ApiStatusError the conflict, which `applyConflicts` reads, when one field is to fail, or a field to yield is
 * none of the object that was applied; and what the client throws; what `onConflict` throws; TypeError when it
 * answers something else
 */
export async function applyDeciding<T extends ObjectLike>(
  client: ApplyClient<T>,
  object: Apply<T>,
  options: ApplyDecidingOptions,
): Promise<T> {
  const { onConflict, subresource, ...applyOptions } = options;
  if (typeof onConflict !== 'function')
    throw new TypeError('Cannot apply: give onConflict, a function that decides each conflict');
  // Callers without types may name any.
  const named = subresource as string | undefined;
  if (named !== undefined && named !== 'status')
    throw new TypeError(`Cannot apply subresource "${named}": only "status" can be applied`);
  const send = (wanted: Apply<T>, force: boolean): Promise<T> =>
    subresource === 'status'
      ? client.applyStatus(wanted, { ...applyOptions, force })
      : client.apply(wanted, { ...applyOptions, force });
  let wanted = object;
  for (let attempt = 1, force = false; ; attempt += 1) {
    try {
      return await send(wanted, force);
    } catch (error) {
      const decided = applyConflicts(error).map((conflict) => decide(conflict, onConflict));
      const isOver = decided.length === 0 || decided.some(({ decision }) => decision === 'fail');
      if (isOver || attempt >= maxAttempts) throw error;
      for (const { conflict, decision } of decided) {
        if (decision === 'force') continue;
        const left = withoutField(wanted, conflict.field);
        if (left === undefined) throw error;
        wanted = left;
      }
      force = decided.some(({ decision }) => decision === 'force');
    }
  }
}

interface Decided {
  readonly conflict: ApplyConflict;
  readonly decision: ApplyDecision;
}

function decide(conflict: ApplyConflict, onConflict: ApplyDecidingOptions['onConflict']): Decided {
  const decision = onConflict(conflict);
  if (!['force', 'yield', 'fail'].includes(decision))
    throw new TypeError(
      `Cannot decide about ${conflict.field}: onConflict answered ${JSON.stringify(decision)}, not "force", "yield" or "fail"`,
    );
  return { conflict, decision };
}
