// What tests need; imports vitest.
export { sharedBrokerOrSkip, startBrokerOrSkip } from './broker-or-skip.ts';
