import { ApiServer } from '@kubeloop/apiserver';
import { afterAll, beforeAll, describe } from 'vitest';

import { inProcessTarget, tokens } from '../src/in-process-target.ts';
import { informerContract, type InformerTarget } from '../src/informer-contract.ts';

describe.each([true, false])('the server in this process with streaming lists: %s', (watchList) => {
  const apiServer = new ApiServer({ tokens, watchList });
  let target: InformerTarget | undefined;

  beforeAll(async () => {
    await apiServer.start();
    target = {
      api: inProcessTarget(apiServer.url),
      access: { server: apiServer.url, token: 'admin', skipTLSVerify: true },
      hasWatchList: watchList,
      forget: async () => {
        apiServer.compact();
        return Promise.resolve();
      },
    };
  });

  afterAll(async () => {
    await target?.api[Symbol.asyncDispose]();
    await apiServer.close();
  });

  // Set before the first test.
  informerContract(() => target!);
});
