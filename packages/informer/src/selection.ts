import { inspect } from 'node:util';
import { parseFieldSelector, parseLabelSelector } from '@kubeloop/cache-store';
import type { ListerWatcher, ListRequest, WatchRequest } from '@kubeloop/reflector';

/** What is asked of the server, list or watch, as far as it can be changed. */
export interface SelectionOptions {
  /** Only objects whose labels match, in the wire's text form. */
  readonly labelSelector?: string | undefined;
  /** Only objects whose fields match, in the wire's text form. */
  readonly fieldSelector?: string | undefined;
}

/** Changes what is asked of the server; gets and returns selectors. */
export type TweakListOptions = (options: SelectionOptions) => SelectionOptions;

/**
 * The same collection, of which only what is selected is listed and watched, so that the two cannot disagree.
 *
 * @throws SelectorError when a selector cannot be read, TypeError when it is no text: no server would take it
 */
export function select<T>(
  source: ListerWatcher<T>,
  { labelSelector, fieldSelector }: SelectionOptions,
): ListerWatcher<T> {
  checkText('labelSelector', labelSelector);
  checkText('fieldSelector', fieldSelector);
  if (labelSelector) parseLabelSelector(labelSelector);
  if (fieldSelector) parseFieldSelector(fieldSelector);
  const selectors = {
    ...(labelSelector ? { labelSelector } : undefined),
    ...(fieldSelector ? { fieldSelector } : undefined),
  };
  if (Object.keys(selectors).length === 0) return source;
  return {
    supportsWatchList: source.supportsWatchList,
    resource: source.resource,
    list: (options: ListRequest) => source.list({ ...options, ...selectors }),
    watch: (options: WatchRequest) => source.watch({ ...options, ...selectors }),
  };
}

function checkText(name: string, selector: unknown): void {
  if (selector !== undefined && typeof selector !== 'string')
    throw new TypeError(
      `Cannot use ${inspect(selector, { depth: 0 })} as ${name}: it must be text, such as "app=web"`,
    );
}
