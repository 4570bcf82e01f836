export type { Clock, Timer } from '../src/clock.ts';
export type { Throttle, WaitOptions } from '../src/throttle.ts';
export { FakeClock } from './fake-clock.ts';
export { AlwaysThrottle, NeverThrottle } from './fake-throttle.ts';
