export { FakeClock } from './fake-clock.ts';
export { AlwaysThrottle, NeverThrottle } from './fake-throttle.ts';
