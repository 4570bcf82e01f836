import { randomBytes } from 'node:crypto';

import type { KubeObject, ObjectMeta } from '../answer.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';
import { until } from '../until.ts';

/** Where custom resource definitions are. */
export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const specSchema = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10 },
    color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
    name: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
    replicas: { type: 'integer' },
    tags: { type: 'array', maxItems: 2, items: { type: 'string' } },
    nested: { type: 'object', properties: { on: { type: 'boolean', default: true } } },
    port: { 'x-kubernetes-int-or-string': true },
    extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, value: { type: 'string' } },
      },
    },
  },
} as const;

const statusSchema = {
  type: 'object',
  properties: {
    phase: { type: 'string' },
    replicas: { type: 'integer' },
    selector: { type: 'string' },
  },
} as const;

/** A definition of widgets in a group of a test's own; a second version has no schema to speak of. */
export function widgetsDefinition(group: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: specSchema, status: statusSchema },
            },
          },
          selectableFields: [{ jsonPath: '.spec.color' }],
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
        },
        {
          name: 'v1beta1',
          served: true,
          storage: false,
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  };
}

/** A group that no other test has. */
export function newGroup(): string {
  return `g${randomBytes(6).toString('hex')}.example.com`;
}

/** The group of the definition that tests of one target share: a server is slow to take objects of a new one. */
const sharedGroups = new WeakMap<ApiTarget, Promise<string>>();

async function define(target: ApiTarget): Promise<string> {
  const group = newGroup();
  const { code, text } = await target.post(definitionsPath, widgetsDefinition(group));
  if (code !== 201) throw new Error(`Cannot create the definition: ${code} ${text}`);
  await until('widgets are served', async () => {
    const answer = await target.get(`/apis/${group}/v1/widgets`);
    return answer.code === 200 ? answer : undefined;
  });
  return group;
}

/** Deletes the definition that tests of a target have shared. */
export async function deleteSharedDefinition(target: ApiTarget): Promise<void> {
  const group = await sharedGroups.get(target);
  sharedGroups.delete(target);
  if (group !== undefined) await target.delete(`${definitionsPath}/widgets.${group}`);
}

/** Widgets in a namespace of a test's own, which is deleted at its end. */
export class Widgets implements AsyncDisposable {
  /** Their group. */
  readonly group: string;
  /** The path of their definition. */
  readonly definition: string;
  /** The path of the widgets in {@link Widgets.space}. */
  readonly path: string;
  /** The namespace. */
  readonly space: Space;
  readonly #cleanUp: () => Promise<unknown>;

  private constructor(group: string, space: Space, cleanUp: () => Promise<unknown>) {
    this.group = group;
    this.definition = `${definitionsPath}/widgets.${group}`;
    this.path = `/apis/${group}/v1/namespaces/${space.name}/widgets`;
    this.space = space;
    this.#cleanUp = cleanUp;
  }

  /** Widgets of the definition that tests share. */
  static async create(target: ApiTarget): Promise<Widgets> {
    const group = sharedGroups.get(target) ?? define(target);
    sharedGroups.set(target, group);
    return new Widgets(await group, await Space.create(target), async () => undefined);
  }

  /** Widgets of a definition of a test's own, which is deleted at its end. */
  static async define(target: ApiTarget): Promise<Widgets> {
    const group = await define(target);
    const path = `${definitionsPath}/widgets.${group}`;
    return new Widgets(group, await Space.create(target), async () => target.delete(path));
  }

  /** A widget to send. */
  widget(
    name: string,
    spec?: Readonly<Record<string, unknown>>,
    metadata?: ObjectMeta,
  ): KubeObject {
    return {
      apiVersion: `${this.group}/v1`,
      kind: 'Widget',
      metadata: { name, ...metadata },
      ...(spec && { spec }),
    };
  }

  /** Deletes what is its own, without waiting for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanUp();
    await this.space[Symbol.asyncDispose]();
  }
}
