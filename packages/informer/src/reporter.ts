import { handleRejection } from './answers.ts';
import type { HandlerErrorContext } from './events.ts';
import { messageOf, stackOf } from './message-of.ts';

/** Where in an informer something failed. */
export interface InformerErrorContext extends Partial<HandlerErrorContext> {
  /** The name of the informer. */
  readonly informer: string;
  /**
   * What failed: listing or watching (`source`), one of the handlers, the transform, the store (most often an index
   * function), a listener of the informer's own events, or the metrics.
   */
  readonly part: 'source' | 'handler' | 'transform' | 'store' | 'listener' | 'metrics';
  /** The namespace in which it failed, when `part` is `source` and the informer looks at several. */
  readonly namespace?: string | undefined;
  /** What the reflector was doing, when `part` is `source`. */
  readonly phase?: string | undefined;
  /** What the reflector does about it, in words, when `part` is `source`. */
  readonly next?: string | undefined;
}

/** Takes what an informer cannot return or throw to anybody. When it fails itself, at once or by a promise, both errors become process warnings. */
export type InformerErrorHandler = (error: unknown, context: InformerErrorContext) => void;

/** What an {@link ErrorReporter} is made of. */
export interface ErrorReporterOptions {
  readonly onError?: InformerErrorHandler | undefined;
  /** Tells listeners of the `error` event; whether there were any. */
  readonly emit: InformerErrorListener;
}

type InformerErrorListener = (error: unknown, context: InformerErrorContext) => boolean;

/** Sees to it that every failure reaches somebody: those who asked for it, or else a warning of the process. */
export class ErrorReporter {
  readonly #options: ErrorReporterOptions;

  constructor(options: ErrorReporterOptions) {
    this.#options = options;
  }

  /** Never throws. */
  report(error: unknown, context: InformerErrorContext): void {
    let isHeard = this.#options.emit(error, context);
    if (this.#options.onError) {
      isHeard = true;
      const failed = (failure: unknown): void => {
        warn(failure, { informer: context.informer, part: 'listener' });
        warn(error, context);
      };
      try {
        handleRejection(this.#options.onError(error, context), failed);
      } catch (failure) {
        failed(failure);
      }
    }
    if (!isHeard) warn(error, context);
  }
}

/** Says on the process what nobody else wanted to hear; `process.on('warning')` and `--no-warnings` apply. */
export function warn(error: unknown, context: InformerErrorContext): void {
  const { informer, part, namespace, phase, handler, event, key, next } = context;
  const where = [
    phase ?? part,
    namespace === undefined ? '' : `in namespace "${namespace}"`,
    handler === undefined ? '' : `"${handler}"`,
    event ?? '',
    key === undefined ? '' : `"${key}"`,
  ];
  const message = `Informer "${informer}" failed: ${where.filter(Boolean).join(' ')}: ${messageOf(error)}${next === undefined ? '' : ` (${next})`}`;
  const detail = stackOf(error);
  process.emitWarning(message, { type: 'KubeloopInformerWarning', ...(detail && { detail }) });
}
