/**
 * One message that is held unacknowledged for a key, and up to two more. While a key has any, no other process works on it, and a
 * crash brings it back.
 */
export interface Token {
  readonly key: string;
  /** The message that the key is queued or worked on for; 0: none, or only a copy that is on its way back from its renewal. */
  heldTag: number;
  heldAtMs: number;
  /** A message that came while the key was worked on: it needs work again. 0: none. */
  nextTag: number;
  nextAtMs: number;
  /** A message whose time has not come; 0: none. */
  delayedTag: number;
  delayedAtMs: number;
  /** When the delayed message is due, by the clock of this process. */
  dueMs: number;
  /** Not to be started before, because another process may still be at it. */
  notBeforeMs: number;
  attempts: number;
  /** Who has counted the attempts. */
  counter: string | undefined;
  /** The highest priority of what the held message stands for; the same of the others. */
  priority: number;
  nextPriority: number;
  delayedPriority: number;
  isRunning: boolean;
  /** Names the copy of the held message that was published in its place and has not arrived. */
  renewal: string | undefined;
  /** Whether a copy of the next message is on its way, or of the delayed one: it looks as any other message. */
  isNextCopied: boolean;
  isDelayedCopied: boolean;
}

/** When a key is to be worked on again, and how urgently. */
export interface Again {
  /** By the clock of this process. */
  readonly atMs: number;
  readonly priority: number;
}

/** A message as the table takes it. Times are by the clock of this process. */
export interface Arrival {
  readonly key: string;
  readonly tag: number;
  readonly nowMs: number;
  /** 0 or past: at once. */
  readonly dueMs: number;
  /** 0: at once. */
  readonly notBeforeMs: number;
  readonly attempts: number;
  readonly counter: string | undefined;
  readonly priority: number;
  readonly renewal: string | undefined;
}

/** A message that is to wait. */
interface Later extends Again {
  readonly tag: number;
  /** Since when it is held. */
  readonly sinceMs: number;
}

/** One of the up to three messages of a token. */
export type Slot = 'held' | 'next' | 'delayed';

/** The messages that one subscription holds unacknowledged, by key. Every loss of the subscription ends the table with it. */
export class TokenTable {
  readonly #tokens = new Map<string, Token>();
  /** Renewals whose keys were done before the copies arrived. */
  readonly #spent = new Set<string>();
  #running = 0;
  #unacknowledged = 0;
  #received = 0;
  readonly #ack: (tag: number) => void;

  /** @param ack - acknowledges a message */
  constructor(ack: (tag: number) => void) {
    this.#ack = ack;
  }

  /** How many messages are unacknowledged. */
  get unacknowledged(): number {
    return this.#unacknowledged;
  }

  /** How many messages have arrived. */
  get received(): number {
    return this.#received;
  }

  /** How many keys are being worked on. */
  get running(): number {
    return this.#running;
  }

  /** All tokens, oldest first. */
  values(): Iterable<Token> {
    return this.#tokens.values();
  }

  get(key: string): Token | undefined {
    return this.#tokens.get(key);
  }

  /** Takes a message in that is of no account here, and is acknowledged by `settle`. */
  pass(): void {
    this.#unacknowledged += 1;
    this.#received += 1;
  }

  /** Takes a message in, or acknowledges it when the token covers it. Returns whether it was one with what was here. */
  arrive(arrival: Arrival): boolean {
    this.#unacknowledged += 1;
    this.#received += 1;
    const { tag, nowMs, renewal } = arrival;
    if (renewal !== undefined && this.#spent.delete(renewal)) return this.#drop(tag);
    const token = this.#tokens.get(arrival.key) ?? this.#tokenOf(arrival);
    if (arrival.attempts > token.attempts) {
      token.attempts = arrival.attempts;
      token.counter = arrival.counter;
    }
    if (!token.isRunning) token.notBeforeMs = Math.max(token.notBeforeMs, arrival.notBeforeMs);
    const { priority } = arrival;
    if (arrival.dueMs > nowMs)
      return this.#delay(token, { tag, sinceMs: nowMs, atMs: arrival.dueMs, priority });
    if (renewal !== undefined && renewal === token.renewal) {
      token.renewal = undefined;
      if (token.heldTag !== 0) this.#drop(token.heldTag);
      hold(token, tag, nowMs);
      return false;
    }
    if (token.isRunning) return this.#follow(token, arrival);
    if (isHeld(token)) {
      token.priority = Math.max(token.priority, priority);
      return this.#drop(tag);
    }
    hold(token, tag, nowMs);
    token.priority = priority;
    return false;
  }

  /** When the key can be started; `undefined`: not for what is here. */
  startableAtMs(key: string): number | undefined {
    const token = this.#tokens.get(key);
    if (!token || token.isRunning) return undefined;
    const heldMs = isHeld(token) ? token.notBeforeMs : Infinity;
    const delayedMs = token.delayedTag === 0 ? Infinity : Math.max(token.dueMs, token.notBeforeMs);
    const atMs = Math.min(heldMs, delayedMs);
    return atMs === Infinity ? undefined : atMs;
  }

  /** How urgent the key is that can be started. */
  priorityOf(key: string): number {
    const token = this.#tokens.get(key);
    if (!token) return 0;
    return isHeld(token) ? token.priority : token.delayedPriority;
  }

  /** The work on the key begins. It must be startable. */
  start(key: string, nowMs: number): Token {
    // The caller has asked `startableAtMs`.
    const token = this.#tokens.get(key)!;
    if (!isHeld(token)) this.#promote(token, nowMs);
    token.isRunning = true;
    token.notBeforeMs = 0;
    this.#running += 1;
    return token;
  }

  /**
   * The work on the key has ended. Returns the message to acknowledge, if any, which counts as held until `settle`.
   *
   * @param again - keeps the message, because the key is to be worked on again then
   */
  finish(token: Token, again?: Again): number {
    token.isRunning = false;
    this.#running -= 1;
    const tag = token.heldTag;
    const sinceMs = token.heldAtMs;
    if (token.renewal !== undefined && again === undefined) this.#spent.add(token.renewal);
    const isKept = again !== undefined && tag !== 0;
    token.heldTag = token.nextTag;
    token.heldAtMs = token.nextAtMs;
    token.priority = token.nextPriority;
    token.nextTag = 0;
    token.isNextCopied = false;
    token.renewal = undefined;
    if (isKept) this.#delay(token, { tag, sinceMs, ...again });
    if (!isHeld(token) && token.delayedTag === 0) this.#tokens.delete(token.key);
    return isKept ? 0 : tag;
  }

  /** Acknowledges a message that {@link TokenTable.finish} returned. */
  settle(tag: number): void {
    this.#drop(tag);
  }

  /** Nobody else is at any of the keys. */
  forgive(): void {
    for (const token of this.#tokens.values()) token.notBeforeMs = 0;
  }

  /** A copy of this message is on its way, which takes its place. That of the held message is known by its `renewal`. */
  copying(token: Token, slot: Slot): void {
    if (slot === 'next') token.isNextCopied = true;
    else if (slot === 'delayed') token.isDelayedCopied = true;
  }

  /** A copy of this message is at the broker for good: it is not needed any more. */
  renewed(token: Token, slot: Slot, tag: number): void {
    if (slot === 'next') token.isNextCopied = false;
    else if (slot === 'delayed') token.isDelayedCopied = false;
    if (tagOf(token, slot) !== tag || tag === 0) return;
    this.#drop(tag);
    if (slot === 'held') token.heldTag = 0;
    else if (slot === 'next') token.nextTag = 0;
    else token.delayedTag = 0;
    const isEmpty = !token.isRunning && !isHeld(token) && token.delayedTag === 0;
    if (isEmpty) this.#tokens.delete(token.key);
  }

  #tokenOf({ key, nowMs }: Arrival): Token {
    const token: Token = {
      key,
      heldTag: 0,
      heldAtMs: nowMs,
      nextTag: 0,
      nextAtMs: 0,
      delayedTag: 0,
      delayedAtMs: 0,
      dueMs: 0,
      notBeforeMs: 0,
      attempts: 0,
      counter: undefined,
      priority: 0,
      nextPriority: 0,
      delayedPriority: 0,
      isRunning: false,
      renewal: undefined,
      isNextCopied: false,
      isDelayedCopied: false,
    };
    this.#tokens.set(key, token);
    return token;
  }

  /** Takes in what comes while the key is worked on. */
  #follow(token: Token, { tag, nowMs, priority }: Arrival): boolean {
    const isFirst = token.nextTag === 0;
    token.nextPriority = isFirst ? priority : Math.max(token.nextPriority, priority);
    // What may be the copy of the one that is here is kept: that one is acknowledged once the broker has the copy.
    if (!isFirst && !token.isNextCopied) return this.#drop(tag);
    if (!isFirst) this.#drop(token.nextTag);
    token.nextTag = tag;
    token.nextAtMs = nowMs;
    return !isFirst;
  }

  /** Of two delays the shorter counts, as in client-go. */
  #delay(token: Token, later: Later): boolean {
    const isFirst = token.delayedTag === 0;
    const isShorter = isFirst || later.atMs < token.dueMs;
    token.delayedPriority = isFirst
      ? later.priority
      : Math.max(token.delayedPriority, later.priority);
    // As in `follow`.
    if (!isShorter && !token.isDelayedCopied) return this.#drop(later.tag);
    if (!isFirst) this.#drop(token.delayedTag);
    token.delayedTag = later.tag;
    token.delayedAtMs = later.sinceMs;
    if (isShorter) token.dueMs = later.atMs;
    return false;
  }

  #promote(token: Token, nowMs: number): void {
    hold(token, token.delayedTag, token.delayedAtMs || nowMs);
    token.priority = token.delayedPriority;
    token.delayedTag = 0;
  }

  #drop(tag: number): true {
    this.#unacknowledged -= 1;
    this.#ack(tag);
    return true;
  }
}

/** The tag of one message of a token; 0: none. */
export function tagOf(token: Token, slot: Slot): number {
  if (slot === 'held') return token.heldTag;
  return slot === 'next' ? token.nextTag : token.delayedTag;
}

/** How urgent one message of a token is. */
export function urgencyOf(token: Token, slot: Slot): number {
  if (slot === 'held') return token.priority;
  return slot === 'next' ? token.nextPriority : token.delayedPriority;
}

function hold(token: Token, tag: number, sinceMs: number): void {
  token.heldTag = tag;
  token.heldAtMs = sinceMs;
}

/** Whether the key is queued: by a message that is here, or by its copy. */
function isHeld(token: Token): boolean {
  return token.heldTag !== 0 || token.renewal !== undefined;
}
