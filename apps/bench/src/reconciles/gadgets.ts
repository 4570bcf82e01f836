import type { KubeClient, Resource } from '@kubeloop/client';
import { customResourceDefinitions, defineResource, isAlreadyExists } from '@kubeloop/client';
import { setTimeout as sleep } from 'node:timers/promises';

/** The custom resource that both controllers reconcile; in Go it is in `go/cmd/reconciles/gadget.go`. */
export interface Gadget {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly image: string;
    readonly replicas: number;
    readonly settings: Readonly<Record<string, string>>;
    /** When whoever changed it last sent the change, in microseconds since 1970. */
    readonly sentAtUs?: number;
  };
  readonly status?: {
    readonly observedGeneration: number;
    readonly round: number;
    readonly phase: string;
  };
}

export const gadgets: Resource<Gadget> = defineResource<Gadget>({
  group: 'bench.kubeloop.test',
  version: 'v1',
  plural: 'gadgets',
  kind: 'Gadget',
  namespaced: true,
});

/** Where all of them are. */
export const gadgetNamespace = 'default';

const text = { type: 'string' };
const integer = { type: 'integer', format: 'int64' };
const settings = { type: 'object', additionalProperties: text };
const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { image: text, replicas: integer, settings, sentAtUs: integer },
    },
    status: {
      type: 'object',
      properties: { observedGeneration: integer, round: integer, phase: text },
    },
  },
};

/** The time in microseconds since 1970, as the subjects of this bench all have it. */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

export function gadgetName(index: number): string {
  return `gadget-${String(index).padStart(6, '0')}`;
}

/** An object of about a kilobyte, with what the server adds. */
export function makeGadget(index: number): Gadget {
  const name = gadgetName(index);
  return {
    metadata: {
      name,
      namespace: gadgetNamespace,
      labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'bench' },
      annotations: { 'bench.kubeloop.test/note': `This is number ${index} of many` },
    },
    spec: {
      image: `registry.example.com/team/gadget:v1.${index % 100}`,
      replicas: index % 5,
      settings: Object.fromEntries(
        Array.from({ length: 8 }, (_, i) => [`SETTING_${i}`, `value ${i} of ${name}`]),
      ),
    },
  };
}

/** Installs the definition and makes as many objects, and waits until all are there. */
export async function seedGadgets(client: KubeClient, count: number): Promise<void> {
  await installDefinition(client);
  const target = client.resource(gadgets).namespace(gadgetNamespace);
  let next = 0;
  const make = async (): Promise<void> => {
    while (next < count) await target.create(makeGadget(next++));
  };
  await Promise.all(Array.from({ length: 16 }, make));
}

async function installDefinition(client: KubeClient): Promise<void> {
  const { group, version, plural, kind, name } = gadgets;
  const definition = {
    metadata: { name },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  } as const;
  await client.resource(customResourceDefinitions).create(definition).catch(unlessThere);
  const deadline = performance.now() + 30_000;
  while (!(await isServed(client))) {
    if (performance.now() > deadline) throw new Error(`The server does not serve ${name}`);
    await sleep(50);
  }
}

async function isServed(client: KubeClient): Promise<boolean> {
  return client
    .resource(gadgets)
    .list({ limit: 1 })
    .then(
      () => true,
      () => false, // it is asked again until the deadline
    );
}

function unlessThere(error: unknown): void {
  if (!isAlreadyExists(error)) throw error;
}
