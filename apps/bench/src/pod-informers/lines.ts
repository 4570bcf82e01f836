import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that answers in lines of JSON. */
export interface Talker {
  readonly pid: number;
  /** Sends a line. */
  tell(line: string): void;
  /**
   * The next line it writes.
   *
   * @throws when the process ends first or is silent for too long, with the last thing that it wrote to standard error
   */
  next(timeoutMs: number): Promise<Readonly<Record<string, unknown>>>;
  /** Ends it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a process whose lines are read. */
export function startTalker(
  command: string,
  options: readonly string[],
  environment: NodeJS.ProcessEnv,
): Talker {
  const child = spawn(command, options, { stdio: ['pipe', 'pipe', 'pipe'], env: environment });
  // A process that is gone is told by `next`.
  child.stdin.on('error', () => {});
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-20_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = endOf(child);
  const next = async (timeoutMs: number): Promise<Readonly<Record<string, unknown>>> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new Error(`it was silent for ${timeoutMs / 1000} s`);
      timer = setTimeout(() => reject(error), timeoutMs);
    });
    try {
      const line = await Promise.race([lines.next(), late]);
      if (line.done !== true) return JSON.parse(line.value) as Record<string, unknown>;
    } finally {
      clearTimeout(timer);
    }
    await ended;
    throw new Error(`it ended: ${reasonOf(complaint)}`);
  };
  return {
    pid: child.pid ?? 0,
    tell: (line) => void child.stdin.write(`${line}\n`),
    next,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('close', () => resolve()).on('error', () => resolve());
  });
}

/** The line that says most. */
function reasonOf(complaint: string): string {
  const lines = complaint.split('\n').filter((line) => line.trim() !== '');
  const chosen = lines.find((line) => /^(?:\w*Error\b|panic:|FATAL)/.test(line)) ?? lines[0];
  return chosen?.trim() ?? 'it said nothing';
}
