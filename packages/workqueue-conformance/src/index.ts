export { queueContract } from './contract.ts';
export type { Abilities } from './abilities.ts';
export type {
  FakeTime,
  QueueContractOptions,
  RealTime,
  TestedQueue,
  TestRunner,
} from './options.ts';
