import type { SkippableContext } from '@kubeloop/control-plane';
import { afterAll } from 'vitest';

import { Broker, type BrokerOptions } from '../broker/broker.ts';
import { findInstallation, installAdvice } from '../broker/installation.ts';
import { skipOrFail } from './skip-or-fail.ts';

let shared: Promise<Broker> | undefined;

// Runs after the last test of the file that imports this module, also when tests fail.
afterAll(async () => {
  await (await shared?.catch(() => undefined))?.stop();
  shared = undefined;
});

/**
 * The broker of one node that all tests of a file share, for a test that gets along with others: it uses queue names of its own and
 * restarts nothing. Started by the first test that asks, about 5 seconds, and stopped after the last. Where RabbitMQ is not installed,
 * the test is skipped, or fails where `KUBELOOP_REQUIRE_BROKER` is 1.
 */
export async function sharedBrokerOrSkip(context: SkippableContext): Promise<Broker> {
  const installation = (await findInstallation()) ?? skipOrFail(context, installAdvice);
  shared ??= Broker.start({ installation });
  return shared;
}

/**
 * Starts a broker for one test, which hurts it or needs more nodes or settings. The caller stops it, best by `await using`.
 * Skips and fails as {@link sharedBrokerOrSkip} does.
 */
export async function startBrokerOrSkip(
  context: SkippableContext,
  options: Omit<BrokerOptions, 'installation'> = {},
): Promise<Broker> {
  const installation = (await findInstallation()) ?? skipOrFail(context, installAdvice);
  return Broker.start({ ...options, installation });
}
