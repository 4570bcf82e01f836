import { describe, expect, test } from 'vitest';

import type { Answer, Call } from '../src/http-api.ts';
import { seededRandom } from '../src/random.ts';
import { chaosResources } from '../src/subject-protocol.ts';
import { Writer } from '../src/writer.ts';

/** A server that knows which objects there are, and a writer for it. */
function makeWriter(answer?: (call: Call) => number | undefined) {
  const objects = new Map<string, unknown>();
  const calls: Call[] = [];
  const call = async (request: Call): Promise<Answer> => {
    calls.push(request);
    const status = answer?.(request);
    if (status !== undefined) return { status, body: undefined };
    return { status: serve(objects, request), body: undefined };
  };
  const writer = new Writer({
    api: { call },
    resources: chaosResources,
    namespaces: ['a', 'b'],
    objects: 100,
    random: seededRandom(1),
  });
  return { writer, objects, calls };
}

function serve(objects: Map<string, unknown>, { method, path, body }: Call): number {
  if (method === 'POST') {
    // The writer's own objects.
    const { metadata } = body as { readonly metadata: { readonly name: string } };
    const key = `${path}/${metadata.name}`;
    if (objects.has(key)) return 409;
    objects.set(key, body);
    return 201;
  }
  if (!objects.has(path)) return 404;
  if (method === 'DELETE') objects.delete(path);
  else objects.set(path, body);
  return 200;
}

describe('the writer', () => {
  test('creates as many objects as it was told, of all resources', async () => {
    const { writer, objects } = makeWriter();

    await writer.populate();

    expect(objects.size).toBe(100);
    const paths = [...objects.keys()].join();
    for (const { plural } of chaosResources) expect(paths).toContain(`/${plural}/`);
    expect(writer.writes).toBe(100);
  });

  test('creates, changes and deletes, and keeps the number about the same', async () => {
    const { writer, objects, calls } = makeWriter();
    await writer.populate();

    for (let round = 0; round < 20; round += 1) await writer.burst(40);

    const methods = new Set(calls.map(({ method }) => method));
    expect(methods).toEqual(new Set(['POST', 'PATCH', 'DELETE']));
    expect(objects.size).toBeGreaterThan(70);
    expect(writer.failures).toBe(0);
  });

  test('puts a version into every object that never comes again', async () => {
    const { writer, calls } = makeWriter();

    await writer.populate();
    await writer.burst(50);

    const versions = calls.flatMap(
      ({ body }) => /"version":"?(\d+)/.exec(JSON.stringify(body) ?? '')?.[1] ?? [],
    );
    expect(versions.length).toBeGreaterThan(100);
    expect(new Set(versions).size).toBe(versions.length);
  });

  test('goes on after failures, and finds out what there is', async () => {
    let isBroken = true;
    const { writer, objects } = makeWriter(() => (isBroken ? 503 : undefined));
    await writer.populate();
    expect([objects.size, writer.writes, writer.failures]).toEqual([0, 0, 100]);

    isBroken = false;
    for (let round = 0; round < 20; round += 1) await writer.burst(40);

    expect(objects.size).toBeGreaterThan(70);
  });

  test('writes nothing after it was told to be quiet', async () => {
    const { writer, calls } = makeWriter();

    writer.resume();
    await writer.quiesce();
    const before = calls.length;
    await new Promise((resolve) => void setTimeout(resolve, 150));

    expect(before).toBeGreaterThan(0);
    expect(calls.length).toBe(before);
  });
});
