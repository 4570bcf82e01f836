import { Broker, findInstallation, installAdvice } from '@kubeloop/shared-queue';

/** A broker for the time of the demo. */
export interface DemoBroker {
  readonly title: string;
  readonly urls: readonly string[];
  /** Whether it was there before, so that the queue is to be removed from it. */
  readonly isGiven: boolean;
  close(): Promise<void>;
}

/**
 * The broker at an address, or one that is started here.
 *
 * @throws Error that says how to get one, where RabbitMQ is not installed
 */
export async function findBroker(url: string | undefined): Promise<DemoBroker> {
  if (url !== undefined) {
    const title = `the broker at ${new URL(url).host}`;
    return { title, urls: [url], isGiven: true, close: async () => undefined };
  }
  const installation = await findInstallation();
  if (installation === undefined)
    throw new Error(
      `Cannot run --shared: ${installAdvice}.\nA broker in a container does as well:\n` +
        '  docker compose --file apps/shared-queue/compose.yaml up --wait\n' +
        '  npm run demo -- --shared --broker amqp://guest:guest@127.0.0.1:5672',
    );
  const broker = await Broker.start({ installation });
  const title = `a RabbitMQ of its own, process ${broker.node.pid}`;
  return { title, urls: broker.urls, isGiven: false, close: async () => broker.stop() };
}
