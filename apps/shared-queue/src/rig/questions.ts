import type { AmqpQueueDescription } from '@kubeloop/workqueue-amqp';

import type { Progress } from '../programs/producer-config.ts';
import type { RigProgram } from './program.ts';

/** What a worker on the real queue says of its queue. */
export async function describe(worker: RigProgram): Promise<AmqpQueueDescription> {
  // The program answers with this type.
  return (await worker.ask('describe')) as AmqpQueueDescription;
}

/** How far a producer is. */
export async function progress(producer: RigProgram): Promise<Progress> {
  // The program answers with this type.
  return (await producer.ask('progress')) as Progress;
}
