import type { Indexer } from './indexer.ts';
import { namespaceIndex } from './index-functions.ts';
import { metaNamespaceKey } from './key.ts';
import { nothingSelector, type LabelSelector } from './label-selector.ts';
import { parseLabelSelector } from './label-selector-parser.ts';
import type { ObjectLike } from './object.ts';

/** Reads the objects of one namespace. */
export interface NamespaceLister<T> {
  /**
   * The objects of the namespace that a selector selects, in a new array; all of them without a selector.
   *
   * @throws SelectorError when the text of a selector is not well formed
   */
  list(selector?: LabelSelector | string): T[];
  /** The object of a name, or undefined when there is none. */
  get(name: string): T | undefined;
}

/**
 * A read-only view of an {@link Indexer} whose keys are namespaces and names. It holds nothing itself: every answer is
 * the indexer's at that moment. Objects are shared and must not be changed.
 */
export class Lister<T extends ObjectLike> {
  readonly #indexer: Indexer<T>;

  /** @param indexer - what to read */
  constructor(indexer: Indexer<T>) {
    this.#indexer = indexer;
  }

  /**
   * The objects of all namespaces that a selector selects, in a new array; all of them without a selector.
   *
   * @throws SelectorError when the text of a selector is not well formed
   */
  list(selector?: LabelSelector | string): T[] {
    const compiled = compile(selector);
    return compiled === undefined ? this.#indexer.list() : select(this.#indexer.values(), compiled);
  }

  /** The cluster-scoped object of a name, or undefined when there is none. */
  get(name: string): T | undefined {
    return this.#indexer.getByKey(name);
  }

  /**
   * A view of one namespace. Its lists use the index `namespace` when the indexer has it, and look at every object
   * otherwise. For the namespace "" it is a view of everything, whose `get` finds cluster-scoped objects.
   */
  byNamespace(namespace: string): NamespaceLister<T> {
    return {
      list: (selector) =>
        namespace === '' ? this.list(selector) : this.#listIn(namespace, compile(selector)),
      get: (name) => this.#indexer.getByKey(metaNamespaceKey(namespace, name)),
    };
  }

  #listIn(namespace: string, selector: LabelSelector | undefined): T[] {
    if (selector === nothingSelector) {
      return [];
    }
    const objects = this.#indexer.hasIndex(namespaceIndex)
      ? this.#indexer.byIndex(namespaceIndex, namespace)
      : this.#indexer.list().filter((obj) => obj.metadata?.namespace === namespace);
    return selector === undefined ? objects : select(objects, selector);
  }
}

function compile(selector: LabelSelector | string | undefined): LabelSelector | undefined {
  const compiled = typeof selector === 'string' ? parseLabelSelector(selector) : selector;
  return compiled?.empty === true ? undefined : compiled;
}

function select<T extends ObjectLike>(objects: Iterable<T>, selector: LabelSelector): T[] {
  const selected: T[] = [];
  if (selector === nothingSelector) {
    return selected;
  }
  for (const obj of objects) {
    if (selector.matches(obj.metadata?.labels)) {
      selected.push(obj);
    }
  }
  return selected;
}
