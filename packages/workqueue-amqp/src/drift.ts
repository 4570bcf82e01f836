import type { Names } from './names.ts';
import { replyCodeOf } from './transport.ts';

/** What RabbitMQ answers to a declaration that does not fit what is there. */
const inequivalent =
  /inequivalent arg '(?<argument>[^']+)' for (?<kind>queue|exchange) '(?<name>[^']+)' in vhost '[^']*': received (?<wanted>.*?) but current is (?<found>.*?)["\s]*$/u;

/** The queue that was to be opened. */
interface Wanted {
  readonly queueName: string;
  readonly names: Names;
  readonly partitions: number;
}

/** Makes an error that names the difference of one with the number 406; returns every other error as it is. */
export function driftError(wanted: Wanted, error: unknown): unknown {
  if (replyCodeOf(error) !== 406) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Error(`Cannot open queue "${wanted.queueName}": ${differenceOf(wanted, text)}`, {
    cause: error,
  });
}

function differenceOf({ names, partitions }: Wanted, text: string): string {
  const parts = inequivalent.exec(text)?.groups;
  if (!parts) return `the broker has it differently: ${text}`;
  const { argument, kind, name, wanted = '', found = '' } = parts;
  if (name === names.layout && argument === 'x-max-length')
    return `it is to have ${partitions} partitions, and has ${valueOf(found)} at the broker; the number can never be changed: use it, or drain this queue and take another name`;
  return `${argument} of the ${kind} "${name}" is to be ${valueOf(wanted)}, and is ${valueOf(found)} at the broker; delete it when it is empty, or take another name`;
}

/** The value in a phrase such as: the value '16' of type 'signedint'. */
function valueOf(phrase: string): string {
  return /'(?<value>[^']*)'/u.exec(phrase)?.groups?.['value'] ?? phrase;
}
