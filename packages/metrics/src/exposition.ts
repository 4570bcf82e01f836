import { Registry, type RegistryContentType } from 'prom-client';

/** What of a registry is needed to write its metrics out. */
export type ReadableRegistry = Pick<Registry, 'metrics' | 'getMetricsAsArray' | 'contentType'>;

/**
 * Writes the metrics of a registry in one of the two formats, whichever the registry is set to.
 *
 * prom-client writes the format of the registry only, and takes `_total` from the names of its counters for good when
 * that is OpenMetrics; so a view of the registry is written, with views of the metrics.
 */
export async function writeMetrics(
  registry: ReadableRegistry,
  contentType: RegistryContentType,
): Promise<string> {
  const view = Object.create(registry, {
    contentType: { value: contentType },
    getMetricsAsArray: { value: () => registry.getMetricsAsArray().map(viewOf) },
    // It inherits from the registry.
  }) as ReadableRegistry;
  return view.metrics();
}

/** What is written to it is not written to the metric. */
function viewOf<M extends object>(metric: M): M {
  // It inherits from the metric.
  return Object.create(metric) as M;
}

/** One entry of an Accept header. */
interface Accepted {
  readonly type: string;
  readonly quality: number;
}

/** Which format to answer a request with: OpenMetrics when it is asked for at least as much as plain text. */
export function contentTypeFor(accept: string | undefined): RegistryContentType {
  const entries = (accept ?? '').split(',').map(readEntry);
  const quality = (type: string): number =>
    Math.max(0, ...entries.filter((entry) => entry.type === type).map((entry) => entry.quality));
  const openMetrics = quality('application/openmetrics-text');
  return openMetrics > 0 && openMetrics >= quality('text/plain')
    ? Registry.OPENMETRICS_CONTENT_TYPE
    : Registry.PROMETHEUS_CONTENT_TYPE;
}

function readEntry(text: string): Accepted {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = given === undefined ? 1 : Number(given);
  return { type, quality: Number.isFinite(quality) ? quality : 0 };
}
