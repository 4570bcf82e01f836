import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { defineResource, KubeClient, type Resource } from '@kubeloop/client';

const run = promisify(execFile);

/** An object as Go writes it in both encodings. */
export interface Sample {
  /** Group and version, a slash, the kind. */
  readonly kind: string;
  readonly json: unknown;
  readonly protobuf: Buffer;
}

/** What the program `descriptors` writes. */
export async function output(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { maxBuffer: 512 * 1024 * 1024 });
  return stdout;
}

/** The samples in the program's output. */
export function samplesIn(text: string): readonly Sample[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      // The program writes nothing else.
      const { kind, json, protobuf } = JSON.parse(line) as Record<'kind' | 'protobuf', string> & {
        json: unknown;
      };
      return { kind, json, protobuf: Buffer.from(protobuf, 'base64') };
    });
}

/** Reads samples through a client, one by one, from a server that answers with their protobuf. */
export async function* readThroughClient(
  samples: readonly Sample[],
): AsyncGenerator<{ readonly sample: Sample; readonly got: unknown }> {
  const server = createServer((request, response) => {
    const index = Number(/sample-(\d+)$/.exec(request.url ?? '')?.[1]);
    response.setHeader('content-type', 'application/vnd.kubernetes.protobuf');
    response.end(samples[index]?.protobuf);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server on TCP that listens has such an address.
  const { port } = server.address() as AddressInfo;
  const client = new KubeClient({
    server: `http://127.0.0.1:${port}`,
    skipTLSVerify: true,
    protobuf: true,
  });
  try {
    for (const [index, sample] of samples.entries())
      yield { sample, got: await client.resource(resourceOf(sample.kind)).get(`sample-${index}`) };
  } finally {
    await client.close();
    server.close();
  }
}

function resourceOf(text: string): Resource<object> {
  const [kind = '', version = '', group = ''] = text.split('/').toReversed();
  return defineResource({ group, version, kind, plural: 'samples', namespaced: false });
}
