import type { ObjectLike } from '../src/object.ts';

/** An object with a body, as small as tests need. */
export interface Thing extends ObjectLike {
  readonly spec?: { readonly color?: string; readonly tags?: readonly string[] } | undefined;
}

/** Makes a thing in namespace `a`. */
export function thing(name: string, resourceVersion: string, spec: Thing['spec'] = {}): Thing {
  return { metadata: { namespace: 'a', name, resourceVersion }, spec };
}

/** What a call throws; fails the test when it throws nothing. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('Expected the call to throw');
}
