// The in-process API server in a process of its own: prints its address, runs until standard input ends.

import { ApiServer } from '@kubeloop/apiserver';
import { once } from 'node:events';

const server = new ApiServer();
await server.start();
console.log(server.url);
process.stdin.resume();
await once(process.stdin, 'end');
await server.close();
