import { ApiServer } from '@kubeloop/apiserver';
import { afterAll, beforeAll, describe } from 'vitest';

import { clientContract } from '../src/client-contract.ts';
import { clientTarget, type ClientTarget } from '../src/client-contract/client-target.ts';
import { inProcessTarget, tokens } from '../src/in-process-target.ts';

describe.concurrent('the server in this process', () => {
  const apiServer = new ApiServer({ tokens });
  let target: ClientTarget | undefined;

  beforeAll(async () => {
    await apiServer.start();
    const options = { server: apiServer.url, skipTLSVerify: true };
    target = clientTarget(inProcessTarget(apiServer.url), {
      admin: { ...options, token: 'admin' },
      stranger: { ...options, token: 'wrong' },
      limited: { ...options, token: 'limited' },
    });
  });

  afterAll(async () => {
    await target?.client.close();
    await target?.api[Symbol.asyncDispose]();
    await apiServer.close();
  });

  // Set before the first test.
  clientContract(() => target!);
});
