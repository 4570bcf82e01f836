/**
 * What is wrong with a naive queue: what it has handed out is gone (`forgets what it gave`), a key that is added while it runs is taken
 * for a duplicate (`drops adds while running`), every add is a run (`keeps duplicates`), or it takes many keys at a time for a lease
 * that it never looks at again (`trusts its lease`).
 */
export type NaiveRedisFault =
  | 'drops adds while running'
  | 'forgets what it gave'
  | 'keeps duplicates'
  | 'trusts its lease';

/** What the programs of the rig are told of a queue on Redis. */
export interface RedisEngine {
  /** See `RedisQueueOptions.leaseMs`. */
  readonly leaseMs?: number | undefined;
  /** Takes the naive queue with this fault instead of the real one: the control of a test. */
  readonly naive?: NaiveRedisFault | undefined;
}
