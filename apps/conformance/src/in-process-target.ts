import type { ApiServerOptions } from '@kubeloop/apiserver';

import { ApiTarget } from './target.ts';

const limitedUser = 'jane';

/** Whom the tokens stand for; the one of `limited` may do nothing. */
export const tokens: NonNullable<ApiServerOptions['tokens']> = {
  admin: { user: 'admin' },
  limited: { user: limitedUser, deny: [{}] },
};

/** A server in this process as a target. It was made with {@link tokens}. */
export function inProcessTarget(server: string): ApiTarget {
  return new ApiTarget({
    server,
    limitedUser,
    identities: {
      admin: { authorization: 'Bearer admin' },
      stranger: { authorization: 'Bearer wrong' },
      limited: { authorization: 'Bearer limited' },
    },
  });
}
