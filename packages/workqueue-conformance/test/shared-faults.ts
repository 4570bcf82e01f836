import type { Clock } from '@kubeloop/ratelimiter';
import type { AddOptions, GetOptions, PrioritizedGetResult } from '@kubeloop/workqueue';
import {
  GivesItemsToTwoWorkers,
  LosesAdditionsInWork,
  QueuesEveryAddition,
} from './broken-queues.ts';
import { SharedQueue } from './shared-queue.ts';

/** A shared queue with one fault, and the cases that must find it, among others. */
export interface SharedFault {
  readonly fault: string;
  readonly open: (clock: Clock) => SharedQueue;
  readonly found: readonly string[];
}

class StopsEveryHandle extends SharedQueue {
  override async shutDown(): Promise<void> {
    await super.shutDown();
    this.core.shutDown();
  }
}

class LosesWhatIsQueued extends SharedQueue {
  override async shutDown(): Promise<void> {
    await super.shutDown();
    while (this.core.length > 0) {
      const { item } = await this.core.get();
      if (item !== undefined) this.core.done(item);
    }
  }
}

class GivesBackWhatIsInWork extends SharedQueue {
  override async shutDownWithDrain(): Promise<void> {
    for (const item of this.held) await this.done(item);
    await super.shutDownWithDrain();
  }
}

class KeepsDelaysToItself extends SharedQueue {
  override add(item: string, options: AddOptions = {}): Promise<void> {
    const { afterMs = 0, ...others } = options;
    if (!(afterMs > 0)) return super.add(item, options);
    this.options.clock.setTimeout(() => void super.add(item, others), afterMs);
    return Promise.resolve();
  }
}

class SharesNothing extends SharedQueue {
  override another(): SharedQueue {
    return new SharesNothing(this.options);
  }
}

class TakesTheEmptyItem extends SharedQueue {
  override async add(item: string, options?: AddOptions): Promise<void> {
    if (item === '') this.core.add(item, options);
    else await super.add(item, options);
  }
}

class HandsOutToTheEnd extends SharedQueue {
  override get(options?: GetOptions): Promise<PrioritizedGetResult<string>> {
    return this.shuttingDown && this.core.length > 0 ? this.core.get(options) : super.get(options);
  }
}

class HearsOneHandle extends SharedQueue {
  override another(): SharedQueue {
    const other = super.another();
    other.add = async () => {};
    return other;
  }
}

class DelaysForEachHandle extends SharedQueue {
  override async add(item: string, options?: AddOptions): Promise<void> {
    await super.add(item, options);
    if ((options?.afterMs ?? 0) > 0) await super.add(item, options);
  }
}

/** The shared queues that the contract must tell from a right one. */
export const sharedFaults: readonly SharedFault[] = [
  {
    fault: 'gives an item to two handles',
    open: (clock) => new SharedQueue({ clock }, new GivesItemsToTwoWorkers({ clock })),
    found: [
      'an item that is in work at one handle is not handed out at another before it is done',
      'a random workload from two handles loses no addition, and no item is with two workers',
      'an item in work at the shutdown of its handle is handed out at no other before it is done',
    ],
  },
  {
    fault: 'queues every addition of every handle',
    open: (clock) => new SharedQueue({ clock }, new QueuesEveryAddition({ clock })),
    found: [
      'an item that is added at two handles before it is handed out is one piece of work',
      'however often an item in work is added at two handles, it comes once more',
    ],
  },
  {
    fault: 'loses what another handle adds to an item in work',
    open: (clock) => new SharedQueue({ clock }, new LosesAdditionsInWork({ clock })),
    found: [
      'an item that is in work at one handle is not handed out at another before it is done',
      'a random workload from two handles loses no addition, and no item is with two workers',
    ],
  },
  {
    fault: 'stops every handle when one is shut down',
    open: (clock) => new StopsEveryHandle({ clock }),
    found: [
      'a handle that is shut down stops no other',
      'what waits for its time at the shutdown of its handle comes at another, at its time',
      'a random workload loses no addition although one of two handles shuts down',
    ],
  },
  {
    fault: 'loses what is queued when a handle is shut down',
    open: (clock) => new LosesWhatIsQueued({ clock }),
    found: [
      'what one handle has not handed out at its shutdown comes at another',
      'what nobody has handed out is there for a handle that is opened later',
    ],
  },
  {
    fault: 'gives back what is in work when a handle drains',
    open: (clock) => new GivesBackWhatIsInWork({ clock }),
    found: [
      'a drain does not end before every item in work is done',
      'an item in work at the shutdown of its handle is handed out at no other before it is done',
    ],
  },
  {
    fault: 'loses what waits for its time when a handle is shut down',
    open: (clock) => new KeepsDelaysToItself({ clock }),
    found: ['what waits for its time at the shutdown of its handle comes at another, at its time'],
  },
  {
    fault: 'gives each handle a queue of its own',
    open: (clock) => new SharesNothing({ clock }),
    found: [
      'an item that is added at two handles before it is handed out is one piece of work',
      'what nobody has handed out is there for a handle that is opened later',
      'an item that is in work at one handle is not handed out at another before it is done',
    ],
  },
  {
    fault: 'takes the empty item although it says that it does not',
    open: (clock) => new TakesTheEmptyItem({ clock }),
    found: ['the empty string is refused'],
  },
  {
    fault: 'hands out after shutdown although it says that it does not',
    open: (clock) => new HandsOutToTheEnd({ clock }),
    found: ['after shutdown nothing is handed out, and every get is told'],
  },
  {
    fault: 'hears one handle only',
    open: (clock) => new HearsOneHandle({ clock }),
    found: [
      'what is added at either of two handles is handed out once, at one of them',
      'a handle that is shut down stops no other',
    ],
  },
  {
    fault: 'hands out at each handle what was delayed at one',
    open: (clock) => new DelaysForEachHandle({ clock }, new QueuesEveryAddition({ clock })),
    found: ['what is delayed at one handle comes at its time, at one of them, once'],
  },
];
