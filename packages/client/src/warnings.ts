import type { Answer } from './answer.ts';
import { messageOf } from './pem.ts';

/** Takes what a server warns of. */
export type WarningHandler = (text: string) => void;

/** One warning as RFC 7234 section 5.5 writes it; a header may have several. */
const warning = /(\d{3}) [^\s"]+ "((?:[^"\\]|\\.)*)"/g;

/** The warnings of an answer, in order. Only those of code 299 are for people, as in client-go's `warnings.go`. */
export function warningsOf(answer: Answer): string[] {
  const lines = [answer.headers['warning'] ?? []].flat();
  const found = lines.flatMap((line) => [...line.matchAll(warning)]);
  return found.flatMap(([, code, text = '']) =>
    code === '299' && text !== '' ? [text.replace(/\\(.)/g, '$1')] : [],
  );
}

/** Hands out the warnings of an answer. A handler that fails, at once or later, becomes a process warning and fails no call. */
export function handOutWarnings(answer: Answer, onWarning: WarningHandler): void {
  for (const text of warningsOf(answer))
    try {
      // A program may give an async function, whatever the type says.
      const result: unknown = onWarning(text);
      if (result instanceof Promise) result.catch(reportFailure);
    } catch (error) {
      reportFailure(error);
    }
}

function reportFailure(error: unknown): void {
  process.emitWarning(`The function for warnings of the server failed: ${messageOf(error)}`, {
    type: 'KubeloopClientWarning',
  });
}
