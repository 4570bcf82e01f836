import type { LogFields, Logger, LogLevel, LogMethod } from '@kubeloop/controller';

/** One line of a log. */
export interface Entry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger whose entries a test can look at. */
export class RecordingLogger implements Logger {
  /** What was logged, by this logger and its children. */
  readonly entries: Entry[];
  readonly #fields: LogFields;

  constructor(entries: Entry[] = [], fields: LogFields = {}) {
    this.entries = entries;
    this.#fields = fields;
  }

  child(fields: LogFields): Logger {
    return new RecordingLogger(this.entries, { ...this.#fields, ...fields });
  }

  readonly debug: LogMethod = this.#at('debug');
  readonly info: LogMethod = this.#at('info');
  readonly warn: LogMethod = this.#at('warn');
  readonly error: LogMethod = this.#at('error');

  /** The messages of one level, in their order. */
  messages(level: LogLevel): readonly string[] {
    return this.entries.filter((entry) => entry.level === level).map(({ message }) => message);
  }

  #at(level: LogLevel): LogMethod {
    return (message, fields) =>
      void this.entries.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}
