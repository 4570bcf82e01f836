import { connections } from './scenarios/connections.ts';
import { oddEvents } from './scenarios/events.ts';
import { expiredVersions } from './scenarios/expired.ts';
import { gaps } from './scenarios/gaps.ts';
import { paging } from './scenarios/paging.ts';
import { serverErrors } from './scenarios/server-errors.ts';
import { streaming } from './scenarios/streaming.ts';
import { wire } from './scenarios/wire.ts';
import type { Scenario } from './script.ts';

/** All scenarios, by topic. A topic is a file of recordings. */
export const topics: Readonly<Record<string, readonly Scenario[]>> = {
  paging,
  'expired-versions': expiredVersions,
  'server-errors': serverErrors,
  connections,
  events: oddEvents,
  gaps,
  streaming,
  wire,
};
