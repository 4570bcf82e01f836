import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  compareResourceVersions,
  escapeFieldValue,
  ExpirationStore,
  fieldIndexFunc,
  Indexer,
  labelIndexFunc,
  Lister,
  MutationDetector,
  splitMetaNamespaceKey,
  Store,
} from '../src/index.ts';

/** What a program without types might give. */
const given = (value: unknown): never => value as never;

describe('options that are none are refused', () => {
  test.each([null, 5, 'all'])('%j', (options) => {
    const words = `options must be an object, and they are ${inspect(options)}`;

    expect(() => new Store(given(options))).toThrow(new TypeError(`Cannot make a store: ${words}`));
    expect(() => new Indexer(given(options))).toThrow(
      new TypeError(`Cannot make a store: ${words}`),
    );
    expect(() => new ExpirationStore(given(options))).toThrow(
      new TypeError(`Cannot make a store: ${words}`),
    );
    expect(() => new MutationDetector(given(options))).toThrow(
      new TypeError(`Cannot make a mutation detector: ${words}`),
    );
  });

  test.each([
    [{ keyFunc: 'name' }, "Cannot use 'name' as keyFunc: it must be a function"],
    [{ transform: null }, 'Cannot use null as transform: it must be a function'],
    [{ freeze: 'yes' }, "Cannot use 'yes' as freeze: it must be true or false"],
  ])('of a store: %j', (options, message) => {
    expect(() => new Store(given(options))).toThrow(new TypeError(message));
  });

  test.each([
    [{ indexers: 5 }, 'Cannot add indices: options must be an object, and they are 5'],
    [{ indexers: { app: 5 } }, 'Cannot add index "app": its index function is not a function'],
  ])('of an indexer: %j', (options, message) => {
    expect(() => new Indexer(given(options))).toThrow(new TypeError(message));
  });

  test.each([
    [{ ttlMs: '5' }, "Cannot use '5' as ttlMs: it must be a number"],
    [{ ttlMs: 5, clock: {} }, 'Cannot use {} as the clock: it has no method now'],
  ])('of a store that forgets: %j', (options, message) => {
    expect(() => new ExpirationStore(given(options))).toThrow(new TypeError(message));
  });

  test.each([
    [{}, 'Cannot use {} as the options of a mutation detector: it has no method onMutation'],
    [{ onMutation() {}, clock: 5 }, 'Cannot use 5 as the clock: it has no method now'],
  ])('of a mutation detector: %j', (options, message) => {
    expect(() => new MutationDetector(given(options))).toThrow(new TypeError(message));
  });
});

describe('arguments that are none are refused', () => {
  test.each([undefined, null, 5, 'pods', {}])('%j as the content of a store', (list) => {
    const error = new TypeError(
      `Cannot replace what a store holds by ${inspect(list)}: give a list of objects`,
    );

    expect(() => new Store().replace(given(list))).toThrow(error);
    expect(() => new ExpirationStore({ ttlMs: 0 }).replace(given(list))).toThrow(error);
  });

  test.each([undefined, {}])('%j as what a lister reads', (indexer) => {
    expect(() => new Lister(given(indexer))).toThrow(
      new TypeError(`Cannot list ${inspect(indexer)}: give an Indexer`),
    );
  });

  test.each([null, 5, { app: 'web' }])('%j as a selector', (selector) => {
    const lister = new Lister(new Indexer());

    expect(() => lister.list(given(selector))).toThrow(TypeError);
    expect(() => lister.byNamespace('a').list(given(selector))).toThrow(
      `Cannot list by ${inspect(selector)}: give a text such as "app=web", or a parsed selector`,
    );
  });

  test.each([undefined, null, 5])('%j as a text', (value) => {
    const refused = (action: string): TypeError =>
      new TypeError(`${action} ${value}: it must be a text`);

    expect(() => splitMetaNamespaceKey(given(value))).toThrow(refused('Cannot split key'));
    expect(() => escapeFieldValue(given(value))).toThrow(refused('Cannot escape field value'));
    expect(() => labelIndexFunc(given(value))).toThrow(refused('Cannot index by label'));
    expect(() => fieldIndexFunc(given(value))).toThrow(refused('Cannot index by field'));
  });

  test('a BigInt as a version', () => {
    expect(() => compareResourceVersions(given(10n), '5')).toThrow(
      new TypeError('Cannot compare resourceVersion 10: it is not a positive decimal number'),
    );
  });
});
