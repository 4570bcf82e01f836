import { pods } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, test } from 'vitest';
import type { ControllerOptions } from '../src/controller-options.ts';
import { Manager } from '../src/manager.ts';
import type { Reconciler } from '../src/request.ts';
import { TerminalError } from '../src/terminal-error.ts';
import type { Tracer } from '../src/tracer.ts';
import { request, runController } from './support/controller-rig.ts';
import { MemoryClient } from './support/memory-client.ts';
import { tracingRig } from './support/tracing-rig.ts';

afterEach(() => context.disable());

async function setUp(reconcile: Reconciler, options: Pick<ControllerOptions, 'tracer'> = {}) {
  const tracing = tracingRig();
  const rig = await runController(reconcile, { tracer: tracing.tracer, ...options });
  const event = async (name: string, object: string): Promise<void> => {
    await rig.source.context?.enqueue(request(name), {
      cause: { type: 'update', source: 'things', object: `ns/${object}`, resourceVersion: '7' },
    });
    await rig.clock.settle();
  };
  return { ...rig, ...tracing, event };
}

const linked = (span: ReadableSpan | undefined): unknown[] =>
  (span?.links ?? []).map((link) => link.context.spanId);
const idOf = (span: ReadableSpan | undefined): unknown => span?.spanContext().spanId;

describe('a reconcile', () => {
  test('is one span, linked to the span of each event that asked for it', async () => {
    const gate = Promise.withResolvers<void>();
    const { event, named, clock, end } = await setUp(() => gate.promise);
    await event('a', 'x');
    await event('a', 'y');
    await event('a', 'z');
    gate.resolve();
    await clock.settle();

    const [x, y, z] = named('event');
    const [first, second] = named('reconcile');
    expect([linked(first), linked(second)]).toEqual([[idOf(x)], [idOf(y), idOf(z)]]);
    expect(first).toMatchObject({ name: 'reconcile test', kind: SpanKind.CONSUMER });
    expect(first?.attributes).toEqual({
      'k8s.namespace.name': 'ns',
      'k8s.object.name': 'a',
      'kubeloop.controller': 'test',
      'kubeloop.reconcile.id': expect.stringMatching(/^[\da-f-]{36}$/),
      'kubeloop.reconcile.priority': 0,
      'kubeloop.reconcile.result': 'success',
    });
    expect(x).toMatchObject({ name: 'event test', kind: SpanKind.PRODUCER });
    expect(x?.attributes).toEqual({
      'kubeloop.controller': 'test',
      'kubeloop.event.type': 'update',
      'kubeloop.source': 'things',
      'k8s.namespace.name': 'ns',
      'k8s.object.name': 'x',
      'k8s.object.resource_version': '7',
    });
    await end();
  });

  test('runs once, although the tracer calls back late and twice, and rejects', async () => {
    let late: (() => unknown) | undefined;
    let runs = 0;
    const span = {
      end: () => {},
      setAttribute: () => {},
      spanContext: () => ({ traceId: '0'.repeat(32) }),
    };
    const tracer = {
      startSpan: () => span,
      startActiveSpan: (_name: string, _options: object, run: (each: unknown) => unknown) => {
        late = () => [run(span), run(span)];
        return Promise.reject(new Error('broken'));
      },
      // What a program in JavaScript can pass.
    } as unknown as Tracer;
    const { event, clock, log, end } = await setUp(() => void (runs += 1), { tracer });

    await event('a', 'x');
    late?.();
    await clock.settle();

    expect(runs).toBe(1);
    expect(log.messages('error').join()).toContain('The tracer threw');
    await end();
  });

  test('is the parent of all spans that the reconciler makes, whatever it awaits', async () => {
    const { event, named, tracer, clock, end } = await setUp(async () => {
      await clock.settle();
      tracer.startSpan('inner').end();
    });
    await event('a', 'x');
    await clock.settle();

    const [reconcile] = named('reconcile');
    expect(named('inner')[0]?.parentSpanContext?.spanId).toBe(idOf(reconcile));
    await end();
  });

  test('is nobody’s child, even when the controller was started inside a span', async () => {
    const { tracer, named } = tracingRig();
    await tracer.startActiveSpan('main', async (main) => {
      const { source, clock, end } = await runController(() => {}, { tracer });
      await source.context?.enqueue(request('a'));
      await clock.settle();
      await end();
      main.end();
    });

    const made = [...named('reconcile'), ...named('event')];
    expect(made.map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined]);
  });

  test('that was asked for by hand is linked to an event inside the span that asked', async () => {
    const { controller, tracer, named, clock, end } = await setUp(() => {});
    tracer.startActiveSpan('hook', (hook) => {
      void controller.enqueue(request('a'));
      hook.end();
    });
    await clock.settle();

    const [event] = named('event');
    expect(event?.parentSpanContext?.spanId).toBe(idOf(named('hook')[0]));
    expect(linked(named('reconcile')[0])).toEqual([idOf(event)]);
    await end();
  });

  test('that was asked for by the one before is linked to it', async () => {
    let runs = 0;
    const { event, named, clock, end } = await setUp(() => {
      runs += 1;
      return runs === 1 ? { requeueAfterMs: 10 } : {};
    });
    await event('a', 'x');
    await clock.stepAsync(10);

    const [first, second] = named('reconcile');
    expect(linked(second)).toEqual([idOf(first)]);
    expect(first?.attributes['kubeloop.reconcile.result']).toBe('requeue_after');
    await end();
  });

  test.each([
    ['an error', new TypeError('bad'), 'TypeError', 'bad'],
    ['a terminal error', new TerminalError('never'), 'TerminalError', 'never'],
    ['a text', 'odd', 'string', 'odd'],
  ])('that throws %s has it, and the status of an error', async (_what, error, type, message) => {
    const { event, named, end } = await setUp(() => {
      throw error as Error; // anything can be thrown
    });
    await event('a', 'x');
    await end();

    const [span] = named('reconcile');
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(span?.attributes).toMatchObject({
      'kubeloop.reconcile.result': 'error',
      'error.type': type,
    });
    expect(span?.events[0]?.attributes?.['exception.message']).toBe(message);
  });

  test('whose result makes no sense has the status of an error', async () => {
    const { event, named, end } = await setUp(() => ({ requeueAfterMs: -1 }));
    await event('a', 'x');
    await end();

    expect(named('reconcile')[0]?.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('logs with the ids of its trace and span', async () => {
    const { event, named, log, end } = await setUp((_request, { logger }) => logger.info('Here'));
    await event('a', 'x');

    const { traceId, spanId } = named('reconcile')[0]?.spanContext() ?? {};
    const entry = log.entries.find(({ message }) => message === 'Here');
    expect(entry?.fields).toMatchObject({ traceId, spanId });
    await end();
  });
});

test('an event that asks for many reconciles is one span', async () => {
  const { tracer, named } = tracingRig();
  const client = new MemoryClient();
  const clock = new FakeClock();
  const manager = new Manager({ client: client.asClient, clock, tracer });
  client.resource(pods).add('a');
  manager
    .controller('fan')
    .for(pods, { predicates: [{ create: () => false }] })
    .watches(pods, () => [request('x'), request('y')])
    .reconcile(() => {});
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  await clock.stepAsync(10);

  const [event, ...more] = named('event');
  expect(more).toEqual([]);
  expect(named('reconcile').map(linked)).toEqual([[idOf(event)], [idOf(event)]]);
  stop.abort();
  await ended;
});

describe('a tracer', () => {
  test('that throws everywhere is reported and stops nothing', async () => {
    const fail = (): never => {
      throw new Error('no tracing today');
    };
    const seen: string[] = [];
    const tracer: Tracer = { startSpan: fail, startActiveSpan: fail };
    const { event, log, end } = await setUp(({ name }) => void seen.push(name), { tracer });
    await event('a', 'x');
    await end();

    expect(seen).toEqual(['a']);
    expect(log.messages('error')).toEqual([
      'The tracer threw: no tracing today',
      'The tracer threw: no tracing today',
    ]);
  });

  test('whose spans throw does not make a reconcile fail or run twice', async () => {
    const fail = (): never => {
      throw new Error('broken span');
    };
    const span = {
      spanContext: fail,
      setAttribute: fail,
      setStatus: fail,
      recordException: fail,
      end: fail,
    };
    const tracer: Tracer = {
      startSpan: () => span,
      startActiveSpan: (_name, _options, run) => {
        run(span);
        return fail();
      },
    };
    const seen: string[] = [];
    const { event, controller, end } = await setUp(({ name }) => void seen.push(name), { tracer });
    await event('a', 'x');
    await end();

    expect(seen).toEqual(['a']);
    expect(controller.counters.reconciles).toMatchObject({ success: 1, error: 0 });
  });

  test('of an application without the SDK costs no links and no fields in the log', async () => {
    const { event, log, clock, end } = await setUp((_request, { logger }) => logger.info('Here'), {
      tracer: trace.getTracer('nothing registered'),
    });
    await event('a', 'x');
    await clock.settle();

    const entry = log.entries.find(({ message }) => message === 'Here');
    expect(entry?.fields).not.toHaveProperty('traceId');
    await end();
  });

  test.each([[{}], [{ startSpan: () => {} }], ['tracer']])('%j is refused', (tracer) => {
    const make = (): unknown =>
      new Manager({ client: new MemoryClient().asClient, tracer: tracer as never });

    expect(make).toThrow('this tracer');
  });
});
