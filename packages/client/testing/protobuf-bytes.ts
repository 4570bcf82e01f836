/** A varint. */
export function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const more = rest > 127n;
    bytes.push(Number(rest & 127n) | (more ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** A field that is a number. */
export function number(field: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

/** A field that is text, or bytes made of other fields. */
export function field(number: number, ...content: readonly (string | Buffer)[]): Buffer {
  const bytes = Buffer.concat(content.map((each) => Buffer.from(each as string)));
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

/** An object as it stands in answers. */
export function unknown(apiVersion: string, kind: string, ...fields: readonly Buffer[]): Buffer {
  const type = field(1, field(1, apiVersion), field(2, kind));
  return Buffer.concat([Buffer.from('k8s\0'), type, field(2, ...fields), field(3), field(4)]);
}

/** The fields of a pod: name, labels, managed fields; a spec with a node and a container; a status. */
export function podFields(name: string, node = 'node-1'): Buffer[] {
  const labels = field(11, field(1, 'app'), field(2, 'web'));
  const managed = field(17, field(1, 'kubectl'), field(7, field(1, '{"f:spec":{}}')));
  return [
    field(1, field(1, name), field(3, 'default'), field(6, '7'), labels, managed),
    field(2, field(2, field(1, 'main'), field(2, 'image')), field(10, node)),
    field(3, field(1, 'Running')),
  ];
}

/** The same pod from JSON. */
export function podJson(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      resourceVersion: '7',
      labels: { app: 'web' },
      managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': {} } }],
    },
    spec: { containers: [{ name: 'main', image: 'image' }], nodeName: 'node-1' },
    status: { phase: 'Running' },
  };
}

/** A list of pods. */
export function podList(...names: readonly string[]): Buffer {
  const metadata = field(1, field(2, '12'), field(3, 'next'), number(4, 3));
  const items = names.map((name) => field(2, ...podFields(name)));
  return unknown('v1', 'PodList', metadata, ...items);
}

/** An event of a watch, with its length. */
export function frame(type: string, object: Buffer): Buffer {
  const event = Buffer.concat([field(1, type), field(2, field(1, object))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}
