import { ApiTarget } from './target.ts';

/** How to reach a control plane. */
export interface ControlPlaneLike {
  readonly server: string;
  readonly token: string;
  readonly ca: string;
}

/** A control plane as a target. */
export function realTarget({ server, token, ca }: ControlPlaneLike): ApiTarget {
  const admin = { authorization: `Bearer ${token}` };
  const limitedUser = 'jane';
  return new ApiTarget({
    server,
    ca,
    limitedUser,
    identities: {
      admin,
      stranger: { authorization: 'Bearer wrong' },
      // Nobody has given her any right.
      limited: { ...admin, 'impersonate-user': limitedUser },
    },
  });
}
