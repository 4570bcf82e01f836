import { describe, expect, test } from 'vitest';
import { setupSignalHandler } from '../src/signal-handler.ts';

describe('a signal handler', () => {
  test('aborts at the first signal and ends the process at the second', () => {
    const codes: number[] = [];
    using handler = setupSignalHandler({
      signals: ['SIGUSR2'],
      exit: (code) => void codes.push(code),
    });
    expect(handler.signal.aborted).toBe(false);

    process.emit('SIGUSR2', 'SIGUSR2');
    expect(handler.signal.reason).toMatchObject({
      name: 'AbortError',
      message: 'The process was sent SIGUSR2',
    });
    expect(codes).toEqual([]);

    process.emit('SIGUSR2', 'SIGUSR2');
    expect(codes).toEqual([1]);
  });

  test('listens to SIGTERM and SIGINT, for several at once, until it is disposed of', () => {
    const count = (): number[] => [
      process.listenerCount('SIGTERM'),
      process.listenerCount('SIGINT'),
    ];
    const [term = 0, int = 0] = count();

    const [one, two] = [setupSignalHandler(), setupSignalHandler()];
    expect(count()).toEqual([term + 2, int + 2]);
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    expect(count()).toEqual([term + 1, int + 1]);
    two[Symbol.dispose]();

    expect(count()).toEqual([term, int]);
  });

  test('refuses what are no signals', () => {
    expect(() => setupSignalHandler({ signals: [] })).toThrow(TypeError);
    // What a program in JavaScript can pass.
    const exit = 1 as unknown as (code: number) => void;
    expect(() => setupSignalHandler({ exit })).toThrow(TypeError);
  });
});
