import { parseFieldSelector, parseLabelSelector } from '@kubeloop/cache-store';
import { checkFunction, checkMethods, describeValue } from './option-checks.ts';

const eventTypes = ['create', 'update', 'delete', 'generic'] as const;

/** What can be said of a kind of object that a controller watches. */
interface Watching {
  readonly predicates?: unknown;
  readonly labelSelector?: unknown;
  readonly fieldSelector?: unknown;
}

/**
 * Refuses options of a source that cannot work, before anything is watched.
 *
 * @param place - what they are for, such as `"pods" in controller "web"`
 * @throws TypeError when a predicate or a selector is none; SelectorError when a selector cannot be read
 */
export function checkWatching(place: string, options: Watching): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(
      `Cannot use ${describeValue(options)} as options of ${place}: give an object`,
    );
  checkSelector('labelSelector', options.labelSelector, parseLabelSelector);
  checkSelector('fieldSelector', options.fieldSelector, parseFieldSelector);
  const { predicates = [] } = options;
  if (!Array.isArray(predicates))
    throw new TypeError(
      `Cannot use ${describeValue(predicates)} as predicates of ${place}: give an array`,
    );
  for (const predicate of predicates) checkPredicate(place, predicate);
}

/** @throws TypeError unless it has a function for at least one kind of event, and nothing else for any */
export function checkHandler(place: string, handler: object): void {
  const members = eventTypes.map((type): unknown => Reflect.get(handler, type));
  if (members.some((member) => typeof member === 'function')) checkMembers(place, handler);
  else
    throw new TypeError(
      `Cannot use this event handler of ${place}: it has none of create, update, delete and generic`,
    );
}

/** @throws TypeError unless it can be started, stopped and described */
export function checkSource(controller: string, source: unknown): void {
  checkMethods(`this source of controller "${controller}"`, source, ['start', 'stop', 'describe']);
}

function checkPredicate(place: string, predicate: unknown): void {
  const remedy = 'give an object, such as objectPredicate((object) => true)';
  if (typeof predicate !== 'object' || predicate === null)
    throw new TypeError(
      `Cannot use ${describeValue(predicate)} as predicate of ${place}: ${remedy}`,
    );
  checkMembers(`the predicate of ${place}`, predicate);
}

function checkMembers(what: string, value: object): void {
  for (const type of eventTypes) {
    const member: unknown = Reflect.get(value, type);
    if (member !== undefined) checkFunction(`${type} of ${what}`, member);
  }
}

function checkSelector(name: string, selector: unknown, parse: (text: string) => unknown): void {
  if (selector === undefined || selector === '') return;
  if (typeof selector !== 'string')
    throw new TypeError(
      `Cannot use ${describeValue(selector)} as ${name}: it must be text, such as "app=web"`,
    );
  parse(selector);
}
