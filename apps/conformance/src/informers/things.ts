/** What scripted objects can have besides a name and a version. */
export interface ThingParts {
  /** Default `default`. */
  readonly namespace?: string;
  /** Default: one per name. */
  readonly uid?: string;
  /** Anything else that the object says. */
  readonly spec?: unknown;
}

/** A custom resource, as a server writes it. */
export interface Thing {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly spec?: unknown;
}

/** Where things are served. */
export const thingsPath = '/apis/example.com/v1/things';

/** The name of the object with which the server says that the script is over. */
export const endName = 'the-end';

/** A custom resource of the scenarios. */
export function thing(name: string, version: string, parts: ThingParts = {}): Thing {
  const { namespace = 'default', uid = `uid-${name}`, spec } = parts;
  return {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name, namespace, uid, resourceVersion: version },
    ...(spec === undefined ? {} : { spec }),
  };
}

/** A list of things, or one page of it. */
export function thingList(
  version: string,
  items: readonly unknown[] | null,
  metadata: object = {},
): object {
  return {
    apiVersion: 'example.com/v1',
    kind: 'ThingList',
    metadata: { resourceVersion: version, ...metadata },
    items,
  };
}

/** A Status of a failure. */
export function failure(code: number, reason: string, more: object = {}): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `scripted ${reason}`,
    reason,
    code,
    ...more,
  };
}
