import type { Clock } from '@kubeloop/ratelimiter';
import type { Abilities, TestedQueue } from '@kubeloop/workqueue-conformance';
import {
  LosesAdditionsInWork,
  LosesAnAdditionNowAndThen,
  GivesItemsToTwoWorkers,
  QueuesEveryAddition,
  HandsOutTheNewestFirst,
  DelaysTooShort,
  LongDelaysBlock,
  EveryDelayCounts,
  TakesAnyDelay,
  RetriesAtOnce,
  ForgetsWhenDone,
  NeverForgets,
  CountsFailuresOfAll,
  IgnoresAborts,
  TakesAnItemWithAnAbortedWait,
  LosesWhatIsQueuedAtShutdown,
  AcceptsAfterShutdown,
  AddsTwice,
  DelaysOutliveShutdown,
  LoopsForEver,
  TheNewestOfAPriorityFirst,
  WakesOneAtShutdown,
  DrainsWithoutWaiting,
  DrainsUntilEmpty,
  DrainsWhateverHappens,
  ShutdownWaitsForWork,
  DoneTakesOutWhatIsQueued,
  MistakesKeys,
  LoopsTakeAhead,
  AbortsTheWork,
  CountsWhatIsInWork,
  IgnoresPriorities,
  PrioritiesStay,
} from './broken-queues.ts';

/** A queue with one fault, and the cases that must find it, among others. */
export interface Fault {
  readonly fault: string;
  readonly open: (clock: Clock) => TestedQueue;
  readonly abilities?: Abilities;
  readonly found: readonly string[];
}

const make =
  (Queue: new (options: { clock: Clock }) => TestedQueue): Fault['open'] =>
  (clock) =>
    new Queue({ clock });

/** Of an engine that promises little. */
export const weakAbilities = {
  ordersItems: false,
  countsAtOnce: false,
  collapsesAdditions: false,
  mergesDelays: false,
} as const;

const ofPriorities = { priorities: true, countsItemsInWork: true };

/** The queues that the contract must tell from a right one. */
export const faults: readonly Fault[] = [
  {
    fault: 'loses what is added while it is in work',
    open: make(LosesAdditionsInWork),
    found: [
      'an item that is added while it is in work is handed out again after done, once',
      'no second worker gets an item before it is done',
      '10 workers add the item again that they hold: it comes again, never at the same time (drain)',
      'a random workload loses no addition, and no item is with two workers',
      'during a drain what was already put back is not lost when the drain ends first',
    ],
  },
  {
    fault: 'loses one addition of a hundred',
    open: make(LosesAnAdditionNowAndThen),
    found: ['a random workload loses no addition, and no item is with two workers'],
  },
  {
    fault: 'gives an item to two workers',
    open: make(GivesItemsToTwoWorkers),
    found: [
      'no second worker gets an item before it is done',
      '10 workers add the item again that they hold: it comes again, never at the same time (plain shutdown)',
      'a random workload loses no addition, and no item is with two workers',
      'during a drain get says shut down while a re-added item is in work, and hands it out after done',
    ],
  },
  {
    fault: 'queues every addition',
    open: make(QueuesEveryAddition),
    found: [
      'a queued item that is added again is queued once, and keeps its place',
      'the length counts queued items, and adding one of them again leaves it unchanged',
      'an item that is added while it is in work is handed out again after done, once',
      'no second worker gets an item before it is done',
    ],
  },
  {
    fault: 'queues every addition twice',
    open: make(AddsTwice),
    abilities: weakAbilities,
    found: [
      'every item that was added is handed out, once, in whatever order',
      'a queued item that is added again comes at least once, and not oftener than it was added',
      'an item that is added while it is in work is handed out again after done',
      'an item whose time comes while it is queued stays queued',
      'a random workload loses no addition, and no item is with two workers',
    ],
  },
  {
    fault: 'hands out the newest first',
    open: (clock) => new HandsOutTheNewestFirst(clock),
    found: ['items are handed out in the order in which they were added'],
  },
  {
    fault: 'lets a delay end early',
    open: make(DelaysTooShort),
    found: [
      'a delayed item comes when its delay has passed, and not before',
      'an addition can be put off by an option',
    ],
  },
  {
    fault: 'lets a delay end early, and promises little',
    open: make(DelaysTooShort),
    abilities: weakAbilities,
    found: [
      'an item that is delayed twice comes at the earlier time, and at most once more: the earlier first',
      'an item that is delayed twice comes at the earlier time, and at most once more: the later first',
    ],
  },
  {
    fault: 'lets a long delay hold up a shorter one',
    open: (clock) => new LongDelaysBlock(clock),
    found: [
      'a shorter delay that is asked for later than a longer one of another item ends first',
      'delayed items come in the order of their times, whatever the order in which they were delayed',
      'an item that is delayed twice comes once, at the earlier time: the later first',
    ],
  },
  {
    fault: 'hands out an item for each of its delays, and after shutdown',
    open: (clock) => new EveryDelayCounts(clock),
    found: ['an item that is delayed twice comes once, at the earlier time: the earlier first'],
  },
  {
    fault: 'takes any delay',
    open: make(TakesAnyDelay),
    found: [
      'a delay of NaN is refused, and nothing is queued',
      'a delay of Infinity is refused, and nothing is queued',
      'a delay that is no number is refused, and nothing is queued',
    ],
  },
  {
    fault: 'retries at once',
    open: make(RetriesAtOnce),
    found: ['an item that failed comes again after the delay of the rate limiter, and not before'],
  },
  {
    fault: 'forgets failures when an item is done',
    open: make(ForgetsWhenDone),
    found: ['done forgets no failures, so that the next one counts on'],
  },
  {
    fault: 'never forgets failures',
    open: make(NeverForgets),
    found: [
      'failures are counted for each item, until they are forgotten',
      'work that fails is tried again by workers until it succeeds, and others are worked on meanwhile',
    ],
  },
  {
    fault: 'counts the failures of all items together',
    open: make(CountsFailuresOfAll),
    found: ['failures are counted for each item, until they are forgotten'],
  },
  {
    fault: 'ignores the signal of a get',
    open: make(IgnoresAborts),
    found: [
      'a get with an aborted signal rejects with its reason and takes nothing',
      'a waiting get that is aborted rejects, and its item goes to the next one',
      'what is given as a signal and is none is refused, and takes nothing',
    ],
  },
  {
    fault: 'lets an aborted get take an item',
    open: make(TakesAnItemWithAnAbortedWait),
    found: [
      'a get with an aborted signal rejects with its reason and takes nothing',
      'an item is not lost when the only one who waited for it has given up',
      'an abort at the moment of the addition does not lose the item',
    ],
  },
  {
    fault: 'loses what is queued at shutdown',
    open: make(LosesWhatIsQueuedAtShutdown),
    found: [
      'after shutdown what is queued is still handed out, then every get is told',
      'a drain goes on while workers fetch what is queued',
      '50 producers and 10 workers: nothing is lost and nothing runs twice at a time (plain shutdown)',
    ],
  },
  {
    fault: 'accepts additions after shutdown',
    open: make(AcceptsAfterShutdown),
    found: [
      'after shutdown an addition is ignored without a word',
      'a drain with nothing in work ends at once, and the queue is shut down',
      '50 producers and 10 workers: nothing is lost and nothing runs twice at a time (plain shutdown)',
    ],
  },
  {
    fault: 'lets delays outlive its shutdown',
    open: make(DelaysOutliveShutdown),
    found: [
      'after shutdown a delayed addition is ignored without a word',
      'shutdown drops what waits for its time',
    ],
  },
  {
    fault: 'wakes one of those who wait at shutdown',
    open: make(WakesOneAtShutdown),
    found: ['shutdown wakes every waiting get'],
  },
  {
    fault: 'drains without waiting',
    open: make(DrainsWithoutWaiting),
    found: [
      'a drain does not end before every item in work is done',
      'a plain shutdown during a drain ends the drain although items are never done',
      'a drain can be aborted, and the queue stays shut down',
    ],
  },
  {
    fault: 'drains until nothing is queued',
    open: make(DrainsUntilEmpty),
    found: ['a drain does not wait for queued items that nobody fetches'],
  },
  {
    fault: 'drains on after a plain shutdown',
    open: make(DrainsWhateverHappens),
    found: ['a plain shutdown during a drain ends the drain although items are never done'],
  },
  {
    fault: 'waits for work at a plain shutdown',
    open: make(ShutdownWaitsForWork),
    found: ['a plain shutdown does not wait for items in work, and may be called again'],
  },
  {
    fault: 'takes out what is queued when it is done',
    open: make(DoneTakesOutWhatIsQueued),
    found: [
      'done of an item that is not in work does nothing',
      'done called twice does nothing the second time',
    ],
  },
  {
    fault: 'mistakes items for each other',
    open: make(MistakesKeys),
    found: [
      'items are told apart and handed out character by character, whatever they are made of',
    ],
  },
  {
    fault: 'takes ahead in a loop',
    open: make(LoopsTakeAhead),
    found: [
      'a loop that is left early takes nothing ahead',
      'a loop whose body throws ends alone: what it had can be done, and others go on',
    ],
  },
  {
    fault: 'leaves loops waiting after shutdown',
    open: make(LoopsForEver),
    found: ['a loop takes items until shutdown'],
  },
  {
    fault: 'aborts all work',
    open: make(AbortsTheWork),
    found: ['a signal that comes with an item does not abort while nothing disturbs the work'],
  },
  {
    fault: 'counts what is in work',
    open: make(CountsWhatIsInWork),
    found: [
      'the length counts queued items, and adding one of them again leaves it unchanged',
      'an item that is added while it is in work is handed out again after done, once',
    ],
  },
  {
    fault: 'ignores priorities',
    open: make(IgnoresPriorities),
    abilities: ofPriorities,
    found: [
      'the higher priority goes first, and get tells it',
      'an item that is added with priority 5 and then 1 is queued once, with the higher',
      'a delayed item of high priority holds up no other, and goes first when its time has come',
      'a priority that is no whole number is refused, and nothing is queued',
    ],
  },
  {
    fault: 'hands out the newest of a priority first',
    open: make(TheNewestOfAPriorityFirst),
    abilities: ofPriorities,
    found: ['items of the same priority come in the order in which they were added'],
  },
  {
    fault: 'keeps the priority of an earlier run',
    open: make(PrioritiesStay),
    abilities: ofPriorities,
    found: ['a priority counts for one run'],
  },
];
