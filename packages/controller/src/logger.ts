import { callSafely } from '@kubeloop/workqueue/engine';
import { checkGiven, describeThrown } from './option-checks.ts';

/** The facts of a log entry, by name. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one log entry. */
export type LogMethod = (message: string, fields?: LogFields) => void;

/**
 * Where reports go. Every member is called without `await`; a logger that throws or rejects is told so by a process
 * warning and stops nothing.
 */
export interface Logger {
  /** For the developer: why something was or was not done. */
  readonly debug: LogMethod;
  /** For the operator: what happened, when all is well. */
  readonly info: LogMethod;
  /** Something failed and is retried without anybody's help. */
  readonly warn: LogMethod;
  /** Something failed that somebody ought to know of; `fields.error` has what was thrown. */
  readonly error: LogMethod;
  /** A logger that adds `fields` to each of its entries. */
  child(fields: LogFields): Logger;
}

/** How important a log entry is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** The part of the global `console` that {@link consoleLogger} writes to. */
export type LogConsole = Pick<Console, LogLevel>;

/** How {@link consoleLogger} writes. */
export interface ConsoleLoggerOptions {
  /** The least important entries that are written. Default `info`. */
  readonly level?: LogLevel | undefined;
  /** Facts added to each entry. Default none. */
  readonly fields?: LogFields | undefined;
  /** Where to write. Default: the global `console`. */
  readonly console?: LogConsole | undefined;
}

/** A logger that writes `message key=value …` lines to the console; stack traces follow on lines of their own. */
export function consoleLogger(options: ConsoleLoggerOptions = {}): Logger {
  checkGiven('Cannot make a console logger', options);
  const target = options.console ?? console;
  const bound = options.fields ?? {};
  const least = levels.indexOf(options.level ?? 'info');
  const method =
    (level: LogLevel): LogMethod =>
    (message, fields) => {
      if (levels.indexOf(level) >= least)
        target[level](withStacks(message, { ...bound, ...fields }));
    };
  return {
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    child: (fields) => consoleLogger({ ...options, fields: { ...bound, ...fields } }),
  };
}

const nothing: LogMethod = () => {};

/** A logger that writes nothing. */
export const quietLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => quietLogger,
};

/** A view of `logger` whose methods never throw, and whose rejections are handled. */
export function guardLogger(logger: Logger): Logger {
  const guard =
    (level: LogLevel): LogMethod =>
    (message, fields) =>
      callSafely(
        () => logger[level](message, fields),
        (error) => process.emitWarning(`The logger threw on "${message}": ${describeError(error)}`),
      );
  return {
    debug: guard('debug'),
    info: guard('info'),
    warn: guard('warn'),
    error: guard('error'),
    child(fields) {
      try {
        return guardLogger(logger.child(fields));
      } catch (error) {
        process.emitWarning(`The logger threw on child(): ${describeError(error)}`);
        return guardLogger(logger);
      }
    },
  };
}

/** One line about a thrown value. */
export function describeError(error: unknown): string {
  return describeThrown(error);
}

/** An entry in one line: `message key=value …`. */
export function entryText(message: string, fields: LogFields): string {
  const parts = [message];
  for (const [name, value] of Object.entries(fields))
    // undefined can be thrown too
    if (value !== undefined || name === 'error') parts.push(`${name}=${show(value)}`);
  return parts.join(' ');
}

function withStacks(message: string, fields: LogFields): string {
  const stacks = Object.values(fields).map((value) => stackOf(value));
  return [entryText(message, fields), ...stacks.filter(Boolean)].join('\n');
}

/** It may be made of a message that throws when it is read. */
function stackOf(value: unknown): string | undefined {
  try {
    return value instanceof Error ? value.stack : undefined;
  } catch {
    return undefined;
  }
}

function show(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(describeThrown(value));
  if (typeof value === 'string') return /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value); // circular or a BigInt: JSON cannot show it
  }
}
