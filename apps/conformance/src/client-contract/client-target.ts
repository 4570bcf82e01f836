import { KubeClient, type KubeClientOptions } from '@kubeloop/client';

import type { ApiTarget } from '../target.ts';

/** How a client reaches a server. */
export type Access = KubeClientOptions & { readonly server: string };

/** A server that clients are tried on. */
export interface ClientTarget {
  /** The same server through plain HTTP, to look at what a client has done. */
  readonly api: ApiTarget;
  /** A client of somebody who may do everything; shared by the tests. */
  readonly client: KubeClient;
  /** How somebody with a wrong token reaches the server. */
  readonly stranger: Access;
  /** How somebody who may do nothing reaches the server. */
  readonly limited: Access;
}

/** The same server for the three kinds of caller. Opens nothing. */
export function clientTarget(
  api: ApiTarget,
  access: { readonly admin: Access; readonly stranger: Access; readonly limited: Access },
): ClientTarget {
  const { admin, stranger, limited } = access;
  return { api, client: new KubeClient(admin), stranger, limited };
}

/** What a call rejected with. Throws an `Error` when it did not. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    return error;
  }
  throw new Error(`The call did not fail, it gave ${JSON.stringify(value)}`);
}

/** Everything that an iterable gives, up to its end. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}

/** The message of what was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The part of a config map that tests send. */
export interface ConfigMapLike {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
  readonly data?: Readonly<Record<string, string>>;
}

/** A config map to send. */
export function configMapNamed(
  name: string,
  data: Readonly<Record<string, string>> = {},
  metadata: Omit<ConfigMapLike['metadata'], 'name'> = {},
): ConfigMapLike {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}
