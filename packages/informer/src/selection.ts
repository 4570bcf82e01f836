import { inspect } from 'node:util';
import { parseFieldSelector, parseLabelSelector } from '@kubeloop/cache-store';
import { handleRejection } from './answers.ts';
import type { ListRequest, WatchRequest } from '@kubeloop/reflector';
import type { SourceOfNamespaces } from './informer-options.ts';
import type { NamespaceSet } from './namespace-set.ts';

/** What is asked of the server, list or watch, as far as it can be changed. */
export interface SelectionOptions {
  /** Only objects whose labels match, in the wire's text form. */
  readonly labelSelector?: string | undefined;
  /** Only objects whose fields match, in the wire's text form. */
  readonly fieldSelector?: string | undefined;
}

/** What an informer looks at: where, and which of the objects there. */
export interface InformerScope extends SelectionOptions {
  /** This namespace only; empty for all of them, and for kinds that have none. */
  readonly namespace?: string | undefined;
  /** The namespaces of this set, instead of `namespace`. */
  readonly namespaces?: NamespaceSet | undefined;
}

/** Changes what is asked of the server; gets and returns selectors. */
export type TweakListOptions = (options: SelectionOptions) => SelectionOptions;

/**
 * The same collection, of which only what is selected is listed and watched, so that the two cannot disagree.
 *
 * @throws SelectorError when a selector cannot be read, TypeError when it is no text: no server would take it
 */
export function select<T>(
  source: SourceOfNamespaces<T>,
  options: SelectionOptions & { readonly omitManagedFields?: boolean | undefined },
): SourceOfNamespaces<T> {
  checkSelectors(options);
  const { labelSelector, fieldSelector, omitManagedFields } = options;
  const selectors = {
    ...(labelSelector ? { labelSelector } : undefined),
    ...(fieldSelector ? { fieldSelector } : undefined),
    ...(omitManagedFields ? { omitManagedFields } : undefined),
  };
  if (Object.keys(selectors).length === 0) return source;
  return {
    supportsWatchList: source.supportsWatchList,
    resource: source.resource,
    list: (request: ListRequest) => source.list({ ...request, ...selectors }),
    watch: (request: WatchRequest) => source.watch({ ...request, ...selectors }),
    ...('namespace' in source && {
      namespace: (name: string) => select(source.namespace?.(name) ?? source, options),
    }),
  };
}

/** @throws SelectorError when a selector cannot be read, TypeError when it is no text */
export function checkSelectors({ labelSelector, fieldSelector }: SelectionOptions): void {
  checkText('labelSelector', labelSelector);
  checkText('fieldSelector', fieldSelector);
  if (labelSelector) parseLabelSelector(labelSelector);
  if (fieldSelector) parseFieldSelector(fieldSelector);
}

/**
 * What is asked of the server in the end.
 *
 * @throws TypeError when the function answers no selectors, such as a promise of them
 */
export function tweaked(
  tweak: TweakListOptions | undefined,
  selectors: SelectionOptions,
): SelectionOptions {
  if (!tweak) return selectors;
  const answer = tweak(selectors);
  // That it is asynchronous is the failure; what it rejects with comes second.
  const isPromise = handleRejection(answer, () => {});
  if (isPromise || typeof answer !== 'object' || answer === null)
    throw new TypeError(
      `Cannot use ${isPromise ? 'a promise' : inspect(answer, { depth: 0 })} as answer of tweakListOptions: it must return an object`,
    );
  checkSelectors(answer);
  return answer;
}

function checkText(name: string, selector: unknown): void {
  if (selector !== undefined && typeof selector !== 'string')
    throw new TypeError(
      `Cannot use ${inspect(selector, { depth: 0 })} as ${name}: it must be text, such as "app=web"`,
    );
}
