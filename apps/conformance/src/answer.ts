import type { IncomingHttpHeaders } from 'node:http';

/** The metadata that tests look at. */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly unknown[];
  readonly managedFields?: readonly ManagedFields[];
}

/** One manager's entry in `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly apiVersion: string;
  readonly fieldsV1: unknown;
}

/** An object as it is on the wire. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** A list as it is on the wire. */
export interface KubeList {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubeObject[];
}

/** A whole answer of a server. */
export class Answer {
  /** The HTTP status code. */
  readonly code: number;
  /** The headers, names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The body as it came. */
  readonly text: string;

  /** Makes an answer of its parts. */
  constructor(options: {
    readonly code: number;
    readonly headers: IncomingHttpHeaders;
    readonly text: string;
  }) {
    this.code = options.code;
    this.headers = options.headers;
    this.text = options.text;
  }

  /** The body, parsed. Throws an `Error` that shows the body when it is not JSON. */
  get body(): unknown {
    try {
      return JSON.parse(this.text) as unknown;
    } catch (error) {
      throw new Error(`Cannot parse the answer ${this.code} ${this.text.slice(0, 300)}`, {
        cause: error,
      });
    }
  }

  /** The object in the body. Throws an `Error` that shows the answer when it is a failure. */
  get object(): KubeObject {
    // The server answered with success to a request for one object.
    return this.#successful() as KubeObject;
  }

  /** The list in the body. Throws an `Error` that shows the answer when it is a failure. */
  get list(): KubeList {
    // The server answered with success to a request for a list.
    return this.#successful() as KubeList;
  }

  #successful(): unknown {
    if (this.code >= 300) throw new Error(`The server answered ${this.code} ${this.text}`);
    return this.body;
  }
}

/** The version of an object, which every stored one has. */
export function versionOf(object: KubeObject): string {
  return requireText(object.metadata.resourceVersion, 'resourceVersion');
}

/** The uid of an object, which every stored one has. */
export function uidOf(object: KubeObject): string {
  return requireText(object.metadata.uid, 'uid');
}

/** The name of an object, which every stored one has. */
export function nameOf(object: KubeObject): string {
  return requireText(object.metadata.name, 'name');
}

/** The names of a list's items, in its order. */
export function namesOf(list: KubeList): string[] {
  return list.items.map((item) => nameOf(item));
}

function requireText(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new Error(`The object has no ${what}`);
  return value;
}
