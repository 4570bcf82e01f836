import { describe, expect, test } from 'vitest';
import { driftError } from '../src/drift.ts';
import { namesOf } from '../src/names.ts';

const options = { queueName: 'pods', names: namesOf('pods', 16), partitions: 16 };
/** As amqplib gives what RabbitMQ 3.10 says. */
const refusal = (text: string): Error =>
  Object.assign(
    new Error(
      `Operation failed: QueueDeclare; 406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - ${text}"`,
    ),
    { code: 406 },
  );
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

describe('driftError', () => {
  test('names both numbers of partitions', () => {
    const error = refusal(
      `inequivalent arg 'x-max-length' for queue 'wq.pods.v1.layout' in vhost '/': received the value '16' of type 'signedint' but current is the value '32' of type 'signedint'`,
    );

    expect(messageOf(driftError(options, error))).toMatch(
      /^Cannot open queue "pods": it is to have 16 partitions, and has 32 at the broker/u,
    );
  });

  test('names the queue, the argument and both values', () => {
    const error = refusal(
      `inequivalent arg 'x-queue-type' for queue 'wq.pods.v1.n16.p3' in vhost '/': received the value 'quorum' of type 'longstr' but current is none`,
    );

    expect(messageOf(driftError(options, error))).toMatch(
      /x-queue-type of the queue "wq.pods.v1.n16.p3" is to be quorum, and is none at the broker/u,
    );
  });

  test('passes on what it does not know, with the queue named', () => {
    expect(messageOf(driftError(options, refusal('something else')))).toMatch(
      /^Cannot open queue "pods": .*something else/u,
    );
  });

  test('leaves errors of another kind as they are', () => {
    const error = new Error('connect ECONNREFUSED');

    expect(driftError(options, error)).toBe(error);
  });
});
