// For those who build on queues: what queues that several processes share, and pools of workers, have in common.
export { callSafely, handleRejection } from '../answers.ts';
export { abortable } from './abortable.ts';
export { checkCount, checkDelay, checkDuration, checkPriority } from '../check.ts';
export { checkFunctionOption, checkKey, checkSignal, checkTls } from './checks.ts';
export { FailureCounts } from './failure-counts.ts';
export { openError } from './open-error.ts';
export { type CountersOf, Report } from './report.ts';
export { guardMetrics } from '../guarded-metrics.ts';
export type { QueueMetrics } from '../metrics.ts';
export { StaleRunError } from './stale-run-error.ts';
export { TurnBudget } from '../turns.ts';
export { WorkAges, type WorkAgesOptions } from '../work-ages.ts';
