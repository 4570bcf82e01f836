import type { ListPage } from './lister-watcher.ts';

/** The kind of the objects that a collection holds. */
export interface ExpectedKind {
  /** Such as `apps/v1`. */
  readonly apiVersion: string;
  /** Such as `Deployment`. */
  readonly kind: string;
}

/** The part of an object that the reflector looks at. */
interface Typed {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
}

/** A kind for people: `apps/v1, Kind=Deployment`. */
export function kindText({ apiVersion, kind }: Typed): string {
  return `${apiVersion ?? ''}, Kind=${kind ?? ''}`;
}

/** Whether the API server answered with columns for a terminal, which hold no whole objects. */
export function isTable({ apiVersion, kind }: Typed): boolean {
  return kind === 'Table' && (apiVersion?.startsWith('meta.k8s.io/') ?? false);
}

/**
 * Why `object` cannot be what the collection holds, or `undefined` when it can. An object that does not say
 * what it is passes.
 */
export function mismatch(object: unknown, expected: ExpectedKind | undefined): string | undefined {
  if (typeof object !== 'object' || object === null) return 'the event carries no object';
  const typed: Typed & { readonly metadata?: unknown } = object;
  if (isTable(typed)) return 'the object is in table format';
  if (expected && (typed.kind !== undefined || typed.apiVersion !== undefined)) {
    if (typed.kind !== expected.kind || typed.apiVersion !== expected.apiVersion) {
      return `the object is of "${kindText(typed)}" instead of "${kindText(expected)}"`;
    }
  }
  if (typeof typed.metadata !== 'object' || typed.metadata === null) return 'it has no metadata';
  return undefined;
}

/** Throws unless `page` is a page of whole objects. */
export function assertList(page: ListPage<unknown>, name: string): void {
  if (isTable(page)) {
    throw new TypeError(
      `Cannot list "${name}": the answer is in table format, which holds no whole objects`,
    );
  }
  if (!Array.isArray(page.items)) {
    throw new TypeError(`Cannot list "${name}": the answer has no items`);
  }
}
