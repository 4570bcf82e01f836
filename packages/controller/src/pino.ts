import type { LogFields, Logger, LogMethod } from './logger.ts';
import { checkMethods } from './option-checks.ts';

/** The part of a pino logger that {@link fromPino} writes to. */
export interface PinoLike {
  /** Writes an entry of this level. */
  debug(fields: object, message: string): void;
  /** Writes an entry of this level. */
  info(fields: object, message: string): void;
  /** Writes an entry of this level. */
  warn(fields: object, message: string): void;
  /** Writes an entry of this level. */
  error(fields: object, message: string): void;
  /** A logger that adds the fields to each of its entries. */
  child(fields: LogFields): PinoLike;
}

/**
 * A logger that writes to pino. What was thrown is called `err` there, which is the name that pino shows with type, message
 * and stack; levels are pino's business.
 *
 * @throws TypeError when it lacks a method
 *
 * @example
 * new Manager({ kubeConfig, logger: fromPino(pino({ level: 'info' })) });
 */
export function fromPino(logger: PinoLike): Logger {
  checkMethods('this logger of pino', logger, ['debug', 'info', 'warn', 'error', 'child']);
  const method =
    (level: 'debug' | 'info' | 'warn' | 'error'): LogMethod =>
    (message, fields = {}) =>
      logger[level](withErr(fields), message);
  return {
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    child: (fields) => fromPino(logger.child(withErr(fields))),
  };
}

function withErr(fields: LogFields): LogFields {
  if (!('error' in fields)) return fields;
  const { error: err, ...rest } = fields;
  return { ...rest, err };
}
