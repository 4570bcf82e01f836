import type { ControlPlane } from '@kubeloop/control-plane';
import { sharedControlPlaneOrSkip, startControlPlaneOrSkip } from '@kubeloop/control-plane';
import { afterAll, beforeEach, describe } from 'vitest';

import { apiContract } from '../src/api-contract.ts';
import { expiredVersionsContract } from '../src/api-contract/expired-versions.ts';
import type { ForgetfulTarget } from '../src/api-contract/expired-versions.ts';
import { realTarget } from '../src/real-target.ts';
import type { ApiTarget } from '../src/target.ts';

describe.concurrent('a control plane', () => {
  let api: ApiTarget | undefined;

  beforeEach((context) => {
    api ??= realTarget(sharedControlPlaneOrSkip(context));
  });

  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
  });

  // Set before each test.
  apiContract(() => api!);
});

describe('a control plane that forgets', () => {
  let controlPlane: ControlPlane | undefined;
  let target: ForgetfulTarget | undefined;

  beforeEach(async (context) => {
    if (target !== undefined) return;
    const started = await startControlPlaneOrSkip(context, {
      controllers: [],
      // With a watch cache the server would still replay from that.
      apiServerArgs: ['--watch-cache=false'],
    });
    controlPlane = started;
    const forget = async (): Promise<void> => {
      await started.compact();
    };
    target = { api: realTarget(started), forget };
  });

  afterAll(async () => {
    await target?.api[Symbol.asyncDispose]();
    await controlPlane?.stop();
  });

  // Set before each test.
  expiredVersionsContract(() => target!);
});
