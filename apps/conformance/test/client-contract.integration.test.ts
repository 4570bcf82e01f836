import type { ControlPlaneAccess } from '@kubeloop/control-plane';
import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { afterAll, beforeEach, describe } from 'vitest';

import { deleteSharedDefinition } from '../src/api-contract/widgets.ts';
import { clientContract } from '../src/client-contract.ts';
import { clientTarget, type ClientTarget } from '../src/client-contract/client-target.ts';
import { certificateContract } from '../src/client-contract/failing.ts';
import { realTarget } from '../src/real-target.ts';

describe.each([
  ['HTTP/1.1', false],
  ['HTTP/2', true],
])('over %s', (_, http2) => {
  let access: ControlPlaneAccess | undefined;
  let target: ClientTarget | undefined;

  beforeEach((context) => {
    if (access !== undefined) return;
    access = sharedControlPlaneOrSkip(context);
    const { server, ca, token } = access;
    target = clientTarget(realTarget(access), {
      admin: { server, ca, token, http2 },
      stranger: { server, ca, token: 'wrong', http2 },
      // Somebody without a token is the anonymous user, who may do next to nothing.
      limited: { server, ca, http2 },
    });
  });

  afterAll(async () => {
    if (target === undefined) return;
    await deleteSharedDefinition(target.api);
    await target.client.close();
    await target.api[Symbol.asyncDispose]();
  });

  describe.concurrent('a control plane', () => {
    // Both are set before each test.
    clientContract(() => target!);
    certificateContract(() => access!);
  });
});
