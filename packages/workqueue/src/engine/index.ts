// For those who write an engine: what queues that several processes share have in common.
export { abortable } from './abortable.ts';
export { checkCount, checkDelay, checkDuration, checkPriority } from '../check.ts';
export { checkFunctionOption, checkKey, checkSignal } from './checks.ts';
export { FailureCounts } from './failure-counts.ts';
export { type CountersOf, Report } from './report.ts';
export { StaleRunError } from './stale-run-error.ts';
