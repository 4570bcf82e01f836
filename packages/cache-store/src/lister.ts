import { shown } from './checks.ts';
import type { Indexer } from './indexer.ts';
import { namespaceIndex } from './index-functions.ts';
import { metaNamespaceKey } from './key.ts';
import type { LabelSelector } from './label-selector.ts';
import { parseLabelSelector } from './label-selector-parser.ts';
import type { ObjectLike } from './object.ts';
import { select } from './selection.ts';

/** Reads the objects of one namespace. */
export interface NamespaceLister<T> {
  /**
   * The objects of the namespace that a selector selects, in a new array; all of them without a selector.
   *
   * @throws SelectorError when the text of a selector is not well formed; TypeError for what is no selector
   */
  list(selector?: LabelSelector | string): T[];
  /** The object of a name, or undefined when there is none. */
  get(name: string): T | undefined;
}

/**
 * A read-only view of an {@link Indexer} whose keys are namespaces and names. It holds nothing itself: every answer is
 * the indexer's at that moment. Objects are shared and must not be changed.
 *
 * A list by selector looks at every object, unless the indexer has an index made by {@link labelIndexFunc} of a label of
 * which the selector requires a value (`app=web`, `app in (web, api)`): then only at the objects that have it. It finds the
 * same objects either way; found by an index, they are in the order in which they came to have the value.
 */
export class Lister<T extends ObjectLike> {
  readonly #indexer: Indexer<T>;

  /**
   * @param indexer - what to read
   * @throws TypeError when it is none
   */
  constructor(indexer: Indexer<T>) {
    if (typeof indexer?.getByKey !== 'function' || typeof indexer.list !== 'function')
      throw new TypeError(`Cannot list ${shown(indexer)}: give an Indexer`);
    this.#indexer = indexer;
  }

  /**
   * The objects of all namespaces that a selector selects, in a new array; all of them without a selector.
   *
   * @throws SelectorError when the text of a selector is not well formed; TypeError for what is no selector
   */
  list(selector?: LabelSelector | string): T[] {
    const compiled = compile(selector);
    return compiled === undefined ? this.#indexer.list() : select(this.#indexer, compiled);
  }

  /** The cluster-scoped object of a name, or undefined when there is none. */
  get(name: string): T | undefined {
    return this.#indexer.getByKey(name);
  }

  /**
   * A view of one namespace. Its lists use the index `namespace` when the indexer has it, or one by a label that leaves
   * fewer objects, and look at every object otherwise. For the namespace "" it is a view of everything, whose `get` finds cluster-scoped objects.
   */
  byNamespace(namespace: string): NamespaceLister<T> {
    return {
      list: (selector) =>
        namespace === '' ? this.list(selector) : this.#listIn(namespace, compile(selector)),
      get: (name) => this.#indexer.getByKey(metaNamespaceKey(namespace, name)),
    };
  }

  #listIn(namespace: string, selector: LabelSelector | undefined): T[] {
    if (selector !== undefined) {
      return select(this.#indexer, selector, namespace);
    }
    return this.#indexer.hasIndex(namespaceIndex)
      ? this.#indexer.byIndex(namespaceIndex, namespace)
      : this.#indexer.list().filter((obj) => obj.metadata?.namespace === namespace);
  }
}

function compile(selector: LabelSelector | string | undefined): LabelSelector | undefined {
  const compiled = typeof selector === 'string' ? parseLabelSelector(selector) : selector;
  if (compiled !== undefined && typeof compiled?.matches !== 'function')
    throw new TypeError(
      `Cannot list by ${shown(selector)}: give a text such as "app=web", or a parsed selector`,
    );
  return compiled?.empty === true ? undefined : compiled;
}
