import { randomInt } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { goProgramOrSkip } from '@kubeloop/control-plane';
import { expect, test, type TestContext } from 'vitest';
import { output, readThroughClient, samplesIn, type Sample } from '../../src/protobuf/samples.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

function program(context: TestContext): Promise<string> {
  return goProgramOrSkip(context, {
    module: at('go'),
    package: './descriptors',
    outputFolder: at('temp/descriptors'),
  });
}

/** The kinds of which the client makes something else of the protobuf than the JSON says. */
async function differing(samples: readonly Sample[]): Promise<readonly string[]> {
  const kinds = new Set<string>();
  for await (const { sample, got } of readThroughClient(samples))
    if (!isDeepStrictEqual(structuredClone(got), sample.json)) kinds.add(sample.kind);
  return [...kinds];
}

test('the committed fields of the kinds are those that Go has', async (context) => {
  const written = await output(await program(context));

  const committed = readFileSync(at('../../packages/client/data/kinds.json'), 'utf8');
  expect(written === committed).toBe(true);
});

test('objects of every built-in kind with anything in their fields are the same from protobuf as from JSON', async (context) => {
  const seed = Number(process.env['KUBELOOP_FUZZ_SEED'] ?? randomInt(2 ** 31));
  console.log(`Filling objects with KUBELOOP_FUZZ_SEED=${seed}`);
  const samples = samplesIn(
    await output(await program(context), '-samples', '8', '-seed', String(seed)),
  );

  expect({ seed, kinds: await differing(samples) }).toEqual({ seed, kinds: [] });
  expect(new Set(samples.map(({ kind }) => kind)).size).toBeGreaterThan(150);
});

test('the fixtures of every kind in k8s.io/api are the same from protobuf as from JSON', async (context) => {
  const tables = samplesIn(await output(await program(context), '-samples', '1'));
  const known = new Set(tables.map(({ kind }) => kind));
  const module = execFileSync('go', ['list', '-m', '-f', '{{.Dir}}', 'k8s.io/api'], {
    cwd: at('go'),
    encoding: 'utf8',
  }).trim();
  const folder = join(module, 'testdata/HEAD');
  if (!existsSync(folder)) context.skip('k8s.io/api has come without its test data');

  const samples = readdirSync(folder)
    .filter((name) => name.endsWith('.pb'))
    .map((name) => fixture(folder, name.slice(0, -'.pb'.length)))
    .filter(({ kind }) => known.has(kind));

  expect(await differing(samples)).toEqual([]);
  expect(samples.length).toBeGreaterThan(150);
});

function fixture(folder: string, name: string): Sample {
  // A fixture is an object.
  const json = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
    apiVersion: string;
    kind: string;
  };
  const protobuf = readFileSync(join(folder, `${name}.pb`));
  return { kind: `${json.apiVersion}/${json.kind}`, json, protobuf };
}
