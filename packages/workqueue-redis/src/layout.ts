import type { Report } from './report.ts';
import type { Connection } from './transport.ts';

/** What the scripts have written is understood by those of the same version only. */
const version = '1';

/**
 * Refuses a server that would drop keys when its memory is full, and a queue of another layout.
 *
 * @throws Error that names the difference; nothing is changed
 */
export async function checkServer(
  name: string,
  connection: Connection,
  report: Report,
): Promise<void> {
  const policy = await policyOf(connection, report);
  if (policy?.startsWith('allkeys-'))
    throw new Error(
      `Cannot open queue "${name}": the server drops keys when its memory is full (maxmemory-policy ${policy}); set noeviction`,
    );
  const theirs = String(await connection.call('layout', [version]));
  if (theirs !== version)
    throw new Error(
      `Cannot open queue "${name}": it has the layout ${theirs} at the server, this version of the package knows ${version}; drain it with the version that made it`,
    );
}

async function policyOf(connection: Connection, report: Report): Promise<string | undefined> {
  try {
    return /^maxmemory_policy:(\S+)/mu.exec(await connection.info('memory'))?.[1];
  } catch (error) {
    // It may be forbidden to this user; the queue works without.
    report.error(error, 'asking for the maxmemory-policy');
    return undefined;
  }
}
