// What programs that run a broker need.
export { Broker } from './broker/broker.ts';
export type { BrokerOptions } from './broker/broker.ts';
export type { BrokerNode } from './broker/node.ts';
export { findInstallation, installAdvice } from './broker/installation.ts';
export type { Installation } from './broker/installation.ts';
export { waitUntil } from './broker/wait-until.ts';
export type { WaitUntilOptions } from './broker/wait-until.ts';
export { removeQueue } from './broker/remove-queue.ts';
export type { RemoveQueueOptions } from './broker/remove-queue.ts';
