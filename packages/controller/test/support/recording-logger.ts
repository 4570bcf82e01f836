import type { LogFields, Logger, LogLevel } from '../../src/logger.ts';

/** One entry of a recording logger. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that remembers. */
export interface RecordingLogger {
  readonly logger: Logger;
  readonly entries: LogEntry[];
  /** The messages of a level, each with its error's message behind a colon. */
  messages(level: LogLevel): string[];
}

export function recordingLogger(): RecordingLogger {
  const entries: LogEntry[] = [];
  const make = (bound: LogFields): Logger => {
    const method = (level: LogLevel) => (message: string, fields?: LogFields) =>
      void entries.push({ level, message, fields: { ...bound, ...fields } });
    return {
      debug: method('debug'),
      info: method('info'),
      warn: method('warn'),
      error: method('error'),
      child: (fields) => make({ ...bound, ...fields }),
    };
  };
  return {
    logger: make({}),
    entries,
    messages: (level) =>
      entries
        .filter((entry) => entry.level === level)
        .map(({ message, fields }) => {
          const { error } = fields as { error?: unknown }; // every entry is free to have one
          return error instanceof Error ? `${message}: ${error.message}` : message;
        }),
  };
}
