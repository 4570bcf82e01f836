import { entryText, type LogFields, type Logger, type LogMethod, quietLogger } from './logger.ts';

const remedy =
  'There is no logger, so nothing that follows is written: give one, such as consoleLogger(), or quietLogger for silence';

/**
 * What stands in where no logger is given. It writes nothing, but a program must not fail unheard: the first entry that is `warn` or
 * `error` becomes a warning of the process.
 */
export function defaultLogger(): Logger {
  let hasWarned = false;
  const loggerWith = (bound: LogFields): Logger => {
    const warn: LogMethod = (message, fields) => {
      if (hasWarned) return;
      hasWarned = true;
      process.emitWarning(`${entryText(message, { ...bound, ...fields })}. ${remedy}`, {
        type: 'KubeloopControllerWarning',
      });
    };
    const child = (fields: LogFields): Logger => loggerWith({ ...bound, ...fields });
    return { ...quietLogger, warn, error: warn, child };
  };
  return loggerWith({});
}
