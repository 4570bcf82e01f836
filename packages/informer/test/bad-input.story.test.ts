import { describe, expect, test, vi } from 'vitest';
import {
  defaultsFor,
  filteringHandler,
  informerChanges,
  InformerLease,
  ListLimit,
  NamespaceSet,
  SharedInformer,
  SharedInformerFactory,
  untilWithSync,
} from '../src/index.ts';
import { FakeCluster, pods } from './support/fake-cluster.ts';
import { setup } from './support/scripted.ts';

/** What a program without types might give. */
const given = (value: unknown): never => value as never;
const factory = (options?: unknown): SharedInformerFactory =>
  new SharedInformerFactory(new FakeCluster(), given(options));

/** The words of the TypeError that a call throws. Any other error fails the test. */
function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  return 'nothing was refused';
}

const notOptions = [null, 5, 'pods', () => {}] as const;

describe('options that are none are refused', () => {
  test.each(notOptions)('%o', async (options) => {
    const words = 'options must be an object, and they are ';
    const { informer } = setup();

    expect(refusalOf(() => factory(options))).toContain(`Cannot make informers: ${words}`);
    expect(refusalOf(() => new SharedInformer(given(options)))).toContain(
      `Cannot make an informer: ${words}`,
    );
    expect(refusalOf(() => factory().informerFor(pods, given(options)))).toContain(words);
    expect(refusalOf(() => factory().acquire(pods, given(options)))).toContain(words);
    expect(refusalOf(() => factory().scopeOf(pods, given(options)))).toContain(words);
    expect(refusalOf(() => factory().start(given(options)))).toContain(
      `Cannot start informers: ${words}`,
    );
    expect(refusalOf(() => informer.addEventHandler({}, given(options)))).toContain(
      `Cannot add a handler to informer "things": ${words}`,
    );
    expect(refusalOf(() => informerChanges(informer, given(options)))).toContain(
      `Cannot read changes of "things"`,
    );
    const waits = [
      factory().waitForCacheSync(given(options)),
      informer.waitForSync(given(options)),
      informer.addEventHandler({}).synced(given(options)),
      untilWithSync(informer, [], given(options)),
    ];
    for (const wait of waits) await expect(wait).rejects.toThrow(words);
  });

  test.each([
    [{ namespace: 5 }, 'Cannot use a value of type number as namespace: give text'],
    [{ namespaces: ['a'] }, 'as namespaces: give a new NamespaceSet([...])'],
    [{ tweakListOptions: {} }, 'as tweakListOptions: give a function'],
    [{ transform: null }, 'Cannot use a value of type object as transform: give a function'],
    [{ onError: 'log' }, 'as onError: give a function'],
    [{ metricsFor: {} }, 'as metricsFor: give a function'],
    [{ reflectorMetricsFor: 5 }, 'as reflectorMetricsFor: give a function'],
    [{ keepManagedFields: 'no' }, 'as keepManagedFields: give true or false'],
    [{ freeze: 1 }, 'as freeze: give true or false'],
    [{ clock: {} }, 'Cannot use this clock: it has no method now'],
    [{ reflector: 5 }, 'as reflector: give an object'],
    [{ name: 5 }, 'Cannot name a factory'],
    [{ byResource: 5 }, 'Cannot use 5 as byResource: give a list'],
    [{ byResource: [null] }, 'Cannot use null in byResource: make it with defaultsFor'],
    [{ byResource: [{ resource: pods }] }, 'options must be an object, and they are undefined'],
    [{ resyncPeriodMs: '5' }, "Cannot use '5' as resyncPeriodMs: it is not a number"],
    [{ maxConcurrentLists: '5' }, "Cannot use '5' as maxConcurrentLists: it is not a number"],
  ])('of a factory: %o', (options, message) => {
    expect(refusalOf(() => factory(options))).toContain(message);
  });

  test.each([0, -1, 1.5, Number.NaN, Infinity])('%d as number of lists at a time', (count) => {
    const message = `Cannot use ${count} as maxConcurrent`;

    expect(() => factory({ maxConcurrentLists: count })).toThrow(RangeError);
    expect(() => factory({ maxConcurrentLists: count })).toThrow(message);
    expect(() => new ListLimit({ maxConcurrent: count })).toThrow(message);
  });

  test.each([
    [{ namespace: 5 }, 'Cannot use a value of type number as namespace: give text'],
    [{ namespaces: 'a' }, 'as namespaces: give a new NamespaceSet([...])'],
    [{ labelSelector: 10n }, 'Cannot use 10n as labelSelector: it must be text'],
    [{ fieldSelector: Symbol('a') }, 'Cannot use Symbol(a) as fieldSelector: it must be text'],
    [{ indexers: 5 }, 'Cannot use a value of type number as indexers: give an object'],
    [{ transform: {} }, 'as transform: give a function'],
    [{ resyncPeriodMs: '5' }, "Cannot use '5' as resyncPeriodMs: it is not a number"],
  ])('of an informer, and of defaults for it: %o', (options, message) => {
    expect(refusalOf(() => factory().informerFor(pods, given(options)))).toContain(message);
    expect(refusalOf(() => defaultsFor(pods, given(options)))).toContain(message);
  });

  test('a selector that cannot be read, in defaults and scopes too', () => {
    const options = { labelSelector: 'app in (' };

    expect(() => defaultsFor(pods, options)).toThrow('app in (');
    expect(() => factory().scopeOf(pods, options)).toThrow('app in (');
  });

  test.each([
    [{ name: 5 }, 'Cannot use a value of type number as name: give text'],
    [{ indexers: null }, 'Cannot use null as indexers: give an object'],
    [{ indexers: { app: 5 } }, 'Cannot add index "app"'],
    [{ freeze: 'yes' }, 'as freeze: give true or false'],
    [{ reflector: 5 }, 'as reflector: give an object'],
    [{ metrics: 5 }, 'as metrics: give an object'],
    [{ clock: 5 }, 'Cannot use this clock: it has no method now'],
    [{ listLimit: 5 }, 'Cannot use this listLimit: it has no method take'],
    [{ queueSize: '5' }, "Cannot use '5' as queueSize: it is not a number"],
  ])('of an informer of its own: %o', (options, message) => {
    expect(refusalOf(() => setup(given(options)))).toContain(message);
  });
});

describe('answers that are none are refused', () => {
  const later = [async () => ({}), async () => Promise.reject(new Error('second'))];
  test.each([() => undefined, () => null, () => 5, ...later])(
    'of tweakListOptions: %o',
    (tweakListOptions) => {
      const tweaking = factory({ tweakListOptions });

      expect(refusalOf(() => tweaking.informerFor(pods))).toContain(
        'as answer of tweakListOptions',
      );
      expect(refusalOf(() => tweaking.scopeOf(pods))).toContain('as answer of tweakListOptions');
    },
  );

  test.each(['metricsFor', 'reflectorMetricsFor'])(
    'of %s, and the name can be used after that',
    async (option) => {
      const answer = vi
        .fn<() => unknown>()
        .mockReturnValueOnce(5)
        .mockResolvedValueOnce({})
        .mockReturnValue({});
      const counting = factory({ [option]: answer });

      const words = `as answer of ${option}: it must return an object`;

      expect(() => counting.informerFor(pods)).toThrow(new TypeError(`Cannot use 5 ${words}`));
      expect(() => counting.informerFor(pods)).toThrow(
        new TypeError(`Cannot use a promise ${words}`),
      );
      counting.informerFor(pods);

      expect(answer).toHaveBeenCalledTimes(3);
      await counting.shutdown();
    },
  );
});

describe('arguments that are none are refused', () => {
  test.each([null, 5, 'stop', {}])('%o as a signal', async (signal) => {
    const { informer } = setup();
    const options = given({ signal });
    const waits = [
      factory().waitForCacheSync(options),
      informer.waitForSync(options),
      informer.addEventHandler({}).synced(options),
      untilWithSync(informer, [], options),
    ];

    for (const wait of waits) await expect(wait).rejects.toThrow('there must be a signal');
    expect(refusalOf(() => informerChanges(informer, options))).toContain('there must be a signal');
  });

  test.each([undefined, 5, 'synced'])('%o as a listener', (listener) => {
    const { informer } = setup();

    expect(refusalOf(() => informer.on('synced', given(listener)))).toContain(
      ' at "synced": give a function',
    );
    expect(refusalOf(() => informer.once('synced', given(listener)))).toContain(
      ' at "synced": give a function',
    );
  });

  test.each([undefined, 5, 'add', 'toString'])('%o as the name of an event', (name) => {
    const { informer } = setup();

    expect(
      refusalOf(() =>
        informer.on(
          given(name),
          given(() => {}),
        ),
      ),
    ).toContain('an informer has the events started');
  });

  test.each([undefined, null, 5, {}])('%o as a namespace', (namespace) => {
    const { informer } = setup();

    expect(refusalOf(() => informer.hasSyncedIn(given(namespace)))).toContain('it must be text');
    expect(refusalOf(() => informer.storeVersionOf(given(namespace)))).toContain('it must be text');
  });

  test.each([null, 5, {}])('%o as a namespace to wait for', async (namespace) => {
    await expect(setup().informer.waitForSync({ namespace: given(namespace) })).rejects.toThrow(
      'Cannot wait for informer "things" in namespace',
    );
  });

  test('a handler whose name is none', () => {
    expect(refusalOf(() => setup().informer.addEventHandler({}, { name: given(5) }))).toContain(
      'as name: give text',
    );
  });

  test('a filter or a handler to filter for', () => {
    expect(refusalOf(() => filteringHandler(given(true), {}))).toContain(
      'Cannot filter by true: give a function',
    );
    expect(refusalOf(() => filteringHandler(() => true, given(undefined)))).toContain(
      'Cannot add a handler',
    );
    expect(refusalOf(() => filteringHandler(() => true, given({ add: 5 })))).toContain(
      'Cannot add a handler',
    );
  });

  test.each([undefined, {}, 'pods'])('%o as an informer', async (informer) => {
    const words = 'Cannot use this informer: it has no method addEventHandler';

    expect(refusalOf(() => informerChanges(given(informer)))).toContain(words);
    expect(refusalOf(() => new InformerLease(given(informer), async () => {}))).toContain(words);
    await expect(untilWithSync(given(informer), [])).rejects.toThrow(words);
  });

  test.each([undefined, () => true, ['Ready']])('%o as conditions', async (conditions) => {
    await expect(untilWithSync(setup().informer, given(conditions))).rejects.toThrow(
      'give a list of functions',
    );
  });

  test('an onSynced, a precondition, a function to give back and a listener of namespaces', async () => {
    const { informer } = setup();
    const onSynced = given('log');

    await expect(factory().waitForCacheSync({ onSynced })).rejects.toThrow('as onSynced');
    await expect(untilWithSync(informer, [], { precondition: given(5) })).rejects.toThrow(
      'as precondition: give a function',
    );
    expect(refusalOf(() => new InformerLease(informer, given(undefined)))).toContain(
      'as giveBack: give a function',
    );
    expect(refusalOf(() => new NamespaceSet().subscribe(given({})))).toContain(
      'it has no method added',
    );
  });

  test.each([undefined, null, 5])('%o as options of a limit', (options) => {
    expect(refusalOf(() => new ListLimit(given(options)))).toContain(
      'Cannot limit lists: options must be an object',
    );
  });
});
