import type { Registry } from 'prom-client';

/** The samples of a registry as Prometheus reads them: `name{label="value"}` with the value. */
export async function samplesOf(registry: Registry): Promise<Map<string, number>> {
  const samples = new Map<string, number>();
  for (const line of (await registry.metrics()).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.lastIndexOf(' ');
    const name = line.slice(0, at);
    if (samples.has(name)) throw new Error(`There are two samples of ${name}`);
    samples.set(name, Number(line.slice(at + 1)));
  }
  return samples;
}

/** The samples whose names begin so, buckets left out. */
export async function samplesFrom(
  registry: Registry,
  prefix: string,
): Promise<Record<string, number>> {
  const samples = await samplesOf(registry);
  return Object.fromEntries(
    [...samples].filter(([name]) => name.startsWith(prefix) && !name.includes('_bucket')),
  );
}
