import { expect, test } from 'vitest';
import { parseOptions } from '../src/story/options.ts';

test("without options the sample runs in process, at a reader's pace", () => {
  expect(parseOptions([])).toEqual({
    once: false,
    kubeconfig: undefined,
    context: undefined,
    kubelet: false,
    pods: 0,
    shared: false,
    broker: undefined,
    help: false,
  });
});

test.each([
  [['--pods', 'many'], 'Cannot use --pods many'],
  [['--pods=-1'], 'Cannot use --pods -1'],
  [['--kubelet'], 'Cannot use --kubelet without'],
  [['--pods', '5', '--context', 'x'], 'Cannot use --pods on a real cluster'],
  [['--shared', '--context', 'x'], 'Cannot use --shared with other options'],
  [['--broker', 'amqp://x'], 'Cannot use --broker without --shared'],
  [['--nonsense'], 'nonsense'],
])('%j is refused with a reason', (args, reason) => {
  expect(() => parseOptions(args)).toThrow(reason);
});
