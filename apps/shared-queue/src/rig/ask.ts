import { messageOf } from './message-of.ts';

/** A question to a program of the rig. */
export interface Question {
  readonly id: number;
  readonly ask: string;
}

/** Its answer; `id` 0 says that the program is ready. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Whether a message is a question. */
export function isQuestion(message: unknown): message is Question {
  return typeof message === 'object' && message !== null && 'id' in message && 'ask' in message;
}

/** Whether a message is an answer. */
export function isAnswer(message: unknown): message is Answer {
  return typeof message === 'object' && message !== null && 'id' in message && !('ask' in message);
}

/** Answers questions of the parent process until it is gone, and then ends this process at once. */
export function answerQuestions(answers: { readonly [ask: string]: () => unknown }): void {
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message) => {
    if (isQuestion(message)) void answer(message, answers[message.ask]);
  });
}

/** Tells the parent process that this one is ready. */
export function tellReady(): void {
  process.send?.({ id: 0 } satisfies Answer);
}

async function answer({ id, ask }: Question, how: (() => unknown) | undefined): Promise<void> {
  try {
    if (how === undefined) throw new Error(`Cannot answer "${ask}"`);
    process.send?.({ id, value: await how() } satisfies Answer);
  } catch (error) {
    process.send?.({ id, error: messageOf(error) } satisfies Answer);
  }
}
