/** A subject that keeps to the protocol, and has nothing in its caches and a timer that it forgets. */
import { createInterface } from 'node:readline';

import type { SubjectCommand } from '../src/subject-protocol.ts';
import { say } from '../src/subjects/say.ts';

say({ type: 'synced' });
for await (const line of createInterface({ input: process.stdin })) {
  // The runner is the only writer.
  const command = JSON.parse(line) as SubjectCommand;
  if (command.cmd === 'store') say({ type: 'store', id: command.id, resources: {} });
  if (command.cmd === 'gc') say({ type: 'memory', id: command.id, rss: 0, heapUsed: 0 });
  if (command.cmd === 'stop') break;
}
process.stdin.destroy();
setTimeout(() => undefined, 100);
say({ type: 'stopped', activeResources: process.getActiveResourcesInfo() });
