import { randomUUID } from 'node:crypto';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import type { Connection, Delivery, OutMessage } from './transport.ts';

/** What a process says of itself. */
export interface Announcement {
  readonly id: string;
  /** How often it has lost a subscription. After each, it is the last in line. */
  readonly losses: number;
  /** The partitions that it is subscribed to. */
  readonly subscribed: readonly number[];
  /** Those of them that it gets the work of, as far as it knows. */
  readonly owned: readonly number[];
}

/** Options of {@link Membership}. */
export interface MembershipOptions {
  readonly settings: Settings;
  readonly report: Report;
  /** Publishes what may get lost. */
  readonly say: (message: OutMessage) => void;
  /** What this process says of itself. */
  readonly announcement: () => Announcement;
  /** Called when another process has said something new, or has ended. */
  readonly onChanged: () => void;
  /** Called when others are not heard any more, although there is a connection. */
  readonly onDeaf: () => void;
  /** Called when another process has given a partition to this one, with nothing of it under way. */
  readonly onHandOver: (partition: number) => void;
}

type Word = 'hello' | 'here' | 'ask' | 'left' | 'handover';

/** What was heard. */
interface Heard {
  readonly announcement: Announcement;
  readonly word: unknown;
  /** Of a hand-over. */
  readonly partition: unknown;
  readonly heir: unknown;
}

interface Member {
  readonly announcement: Announcement;
  heardMs: number;
}

/** Who shares the work. Every process says so four times per heartbeat, and at every change. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #members = new Map<string, Member>();
  #isListening = false;
  /** The connection on which the others are heard, or are going to be. */
  #ear: { readonly connection: Connection; readonly opened: Promise<void> } | undefined;
  /** Whether this process is one of those that share the work. */
  #isMember = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** The others, as they were heard last. */
  get others(): readonly Announcement[] {
    return [...this.#members.values()].map(({ announcement }) => announcement);
  }

  /** Whether the others are heard, on the connection of now or an earlier one. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** Listens to the others, on a connection, and asks them to say what they do. Who joins shares the work. */
  async listen(connection: Connection, { joins }: { readonly joins: boolean }): Promise<void> {
    if (this.#ear?.connection !== connection)
      this.#ear = { connection, opened: this.#subscribe(connection) };
    const ear = this.#ear;
    try {
      await ear.opened;
    } catch (error) {
      if (this.#ear === ear) this.#ear = undefined;
      throw error;
    }
    this.#isListening = true;
    if (joins) this.#isMember = true;
    this.#say(this.#isMember ? 'hello' : 'ask');
  }

  async #subscribe(connection: Connection): Promise<void> {
    const { names } = this.#options.settings;
    // After a lost connection, the old queue may live as long as the broker does not notice.
    const queue = `${names.members}.${randomUUID()}`;
    const control = await connection.openControl();
    try {
      await control.declareQueue({ name: queue, arguments: {}, isExclusive: true });
      await control.bind({ exchange: names.members, queue, routingKey: '' });
    } finally {
      await control.close();
    }
    await connection.subscribe({
      queue,
      prefetch: undefined,
      onDelivery: (delivery) => this.#hear(delivery),
      onClosed: (error) => {
        // With the connection, or alone.
        if (error === undefined) return;
        this.#options.report.error(error, 'listening to other processes');
        this.#options.onDeaf();
      },
    });
  }

  /** Says what this process does. */
  announce(): void {
    if (this.#isMember) this.#say('here');
  }

  /** Says that this process shares the work no longer, and nothing more. */
  leave(): void {
    if (this.#isMember) this.#say('left');
    this.#isMember = false;
  }

  /** Says that a partition goes to another process, with nothing of it under way here. */
  handOver(partition: number, heir: string): void {
    if (this.#isListening) this.#say('handover', { partition, heir });
  }

  #say(word: Word, more?: Pick<Heard, 'partition' | 'heir'>): void {
    const { settings, say, announcement } = this.#options;
    const body = JSON.stringify({ ...announcement(), word, ...more });
    say({ exchange: settings.names.members, routingKey: '', body });
  }

  /** Forgets who has not been heard for longer than a process that lives is silent. */
  expire(): void {
    const { clock, heartbeatMs } = this.#options.settings;
    const beforeMs = clock.now() - 1.25 * heartbeatMs;
    let hasChanged = false;
    for (const [id, { heardMs }] of this.#members)
      if (heardMs < beforeMs) hasChanged = this.#members.delete(id) || hasChanged;
    if (hasChanged) this.#options.onChanged();
  }

  #hear({ body }: Delivery): void {
    const heard = parse(body);
    const { settings, onChanged, onHandOver } = this.#options;
    if (heard === undefined || heard.announcement.id === settings.identity) return;
    const { announcement, word, partition, heir } = heard;
    if (word === 'handover') {
      if (heir === settings.identity && typeof partition === 'number') onHandOver(partition);
      return;
    }
    if (word === 'ask' || word === 'hello') this.announce();
    if (word === 'ask') return;
    const known = this.#members.get(announcement.id);
    if (word === 'left') this.#members.delete(announcement.id);
    else this.#members.set(announcement.id, { announcement, heardMs: settings.clock.now() });
    const isNew = word === 'left' || !known || !isSame(known.announcement, announcement);
    if (isNew) onChanged();
  }
}

function isSame(one: Announcement, other: Announcement): boolean {
  return (
    one.losses === other.losses &&
    one.subscribed.join() === other.subscribed.join() &&
    one.owned.join() === other.owned.join()
  );
}

/** Reads an announcement. Anybody may publish to an exchange: what is none is not heard. */
function parse(body: string): Heard | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return undefined;
    const { id, losses, subscribed, owned, word, partition, heir } = value as Record<
      string,
      unknown
    >;
    if (typeof id !== 'string' || !isIndices(subscribed) || !isIndices(owned)) return undefined;
    if (typeof losses !== 'number') return undefined;
    return { announcement: { id, losses, subscribed, owned }, word, partition, heir };
  } catch {
    return undefined;
  }
}

function isIndices(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((index) => Number.isSafeInteger(index));
}
