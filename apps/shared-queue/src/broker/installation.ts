import { firstExecutable, pathFolders } from './first-executable.ts';

/** Where the programs of RabbitMQ are. */
export interface Installation {
  /** Path of the script `rabbitmq-server` itself, not of the wrapper in `/usr/sbin`, which changes the user. */
  readonly server: string;
  /** Path of the script `rabbitmqctl`, likewise. */
  readonly control: string;
  /** Path of `epmd`, the name server of Erlang nodes. */
  readonly epmd: string;
}

/** What is said where RabbitMQ is not installed: how to get it. */
export const installAdvice: string =
  'RabbitMQ is not installed: `apt-get install -y --no-install-recommends rabbitmq-server` brings it on Debian and Ubuntu, ' +
  '`brew install rabbitmq` on macOS';

/** Debian's folder of the scripts themselves. */
const debianFolder = '/usr/lib/rabbitmq/bin';

/**
 * Finds RabbitMQ: in the folder `KUBELOOP_RABBITMQ_BIN` and nowhere else where that is set; otherwise in Debian's, then along `PATH`.
 * Answers `undefined` without it.
 */
export async function findInstallation(): Promise<Installation | undefined> {
  const path = pathFolders();
  const wanted = process.env['KUBELOOP_RABBITMQ_BIN'];
  const folders = wanted === undefined ? [debianFolder, ...path] : [wanted];
  const server = await firstExecutable('rabbitmq-server', folders);
  const control = await firstExecutable('rabbitmqctl', folders);
  const epmd = await firstExecutable('epmd', path);
  if (server === undefined || control === undefined || epmd === undefined) return undefined;
  return { server, control, epmd };
}
