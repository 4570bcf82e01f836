import type { ObjectLike } from '@kubeloop/cache-store';
import { parseFieldSelector, parseLabelSelector } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import { NamespaceSet } from '@kubeloop/informer';
import { checkOptions, shown } from './checks.ts';
import type { DependentOptions } from './dependent.ts';
import { checkMarker } from './markers.ts';

/** @throws TypeError when it is none, or one whose objects are metadata alone */
export function checkResource(what: string, resource: Resource<unknown>): void {
  if (typeof resource?.plural !== 'string' || typeof resource.kind !== 'string')
    throw new TypeError(
      `Cannot use ${shown(resource)} as ${what}: make a resource with defineResource`,
    );
  if (resource.isMetadataOnly)
    throw new TypeError(`Cannot use ${resource.name} as ${what}: its objects are metadata alone`);
}

/**
 * Refuses what no owner of this kind can have as a dependent.
 *
 * @throws TypeError or RangeError; SelectorError for a selector that cannot be read
 */
export function checkDependent<Owner extends ObjectLike, T extends ObjectLike>(
  options: DependentOptions<Owner, T>,
  owner: Resource<Owner>,
): void {
  checkOptions('Cannot add a dependent', options);
  const { name, resource, optional } = options;
  checkMarker('the name of a dependent', name);
  checkResource(`the resource of dependent "${name}"`, resource);
  const action = `Cannot add dependent "${name}"`;
  checkFunctions(action, options);
  checkFlags(action, options);
  checkAfter(action, options.after);
  if (options.selection !== undefined) checkSelection(action, options.selection);
  if (optional && !resource.group.includes('.'))
    throw new TypeError(
      `${action} as optional: ${resource.name} is no custom resource, so it has no definition`,
    );
  if (owner.namespaced && !resource.namespaced)
    throw new TypeError(
      `${action}: a ${resource.kind} has no namespace, so no ${owner.kind} can own it`,
    );
}

function checkFunctions(action: string, options: object): void {
  for (const member of ['desired', 'when', 'isReady', 'isGone']) {
    const value: unknown = Reflect.get(options, member);
    if (value === undefined && member !== 'desired') continue;
    if (typeof value !== 'function') throw new TypeError(`${action}: ${member} must be a function`);
  }
}

function checkFlags(action: string, options: object): void {
  for (const member of ['adopt', 'force', 'optional']) {
    const value: unknown = Reflect.get(options, member);
    if (value !== undefined && typeof value !== 'boolean')
      throw new TypeError(`${action}: ${member} must be true or false, and it is ${shown(value)}`);
  }
}

function checkAfter(action: string, after: unknown): void {
  if (after === undefined) return;
  if (!Array.isArray(after))
    throw new TypeError(`${action}: after must be a list, and it is ${shown(after)}`);
  for (const each of after as readonly unknown[]) {
    const name: unknown =
      typeof each === 'object' && each !== null ? Reflect.get(each, 'name') : each;
    if (typeof name !== 'string')
      throw new TypeError(
        `${action}: after must name dependents or hold what add returned, and it holds ${shown(each)}`,
      );
  }
}

function checkSelection(action: string, selection: unknown): void {
  checkOptions(`${action} with a selection`, selection);
  const { namespaces, ...texts } = selection as Readonly<Record<string, unknown>>; // it is an object
  for (const member of ['namespace', 'labelSelector', 'fieldSelector']) {
    const value = texts[member];
    if (value !== undefined && typeof value !== 'string')
      throw new TypeError(
        `${action}: ${member} of its selection must be a text, and it is ${shown(value)}`,
      );
  }
  if (namespaces !== undefined && !NamespaceSet.is(namespaces))
    throw new TypeError(
      `${action}: namespaces of its selection must be a NamespaceSet, and it is ${shown(namespaces)}`,
    );
  const { labelSelector, fieldSelector } = texts;
  if (typeof labelSelector === 'string') parseLabelSelector(labelSelector);
  if (typeof fieldSelector === 'string' && fieldSelector !== '') parseFieldSelector(fieldSelector);
}
