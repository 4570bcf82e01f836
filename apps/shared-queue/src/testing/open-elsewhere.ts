import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What came of an opening. */
export interface OpeningElsewhere {
  /** What it was refused with; `opened` when it was not. */
  readonly message: string;
  /** What would have kept the process from ending: timers and sockets by the names that Node gives them. */
  readonly leftOver: readonly string[];
}

/**
 * Opens a queue of a package in a process of its own, which must then end by itself. Throws an `Error` when it does not within 30
 * seconds, or ends with an error that nobody caught.
 *
 * @param options what JSON can carry
 */
export async function openElsewhere(
  queue: 'AmqpQueue' | 'RedisQueue',
  options: object,
): Promise<OpeningElsewhere> {
  const from = queue === 'AmqpQueue' ? '@kubeloop/workqueue-amqp' : '@kubeloop/workqueue-redis';
  const program = `
    import { ${queue} } from '${from}';
    const message = await ${queue}.open(${JSON.stringify(options)}).then(() => 'opened', (error) => error.message);
    // Immediates end with the turn; the others are the output of the process.
    const look = () => process.getActiveResourcesInfo().filter((name) => !/^(PipeWrap|TTYWrap|Immediate)$/.test(name));
    let leftOver = look();
    // What was closed is gone a few turns later, which take no time.
    for (let turn = 0; turn < 100 && leftOver.length > 0; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      leftOver = look();
    }
    console.log(JSON.stringify({ message, leftOver }));
  `;
  const args = ['--conditions=@kubeloop/source', '--input-type=module', '--eval', program];
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout } = await run(process.execPath, args, { cwd, timeout: 30_000 });
  // The program above prints such an object.
  return JSON.parse(stdout) as OpeningElsewhere;
}
