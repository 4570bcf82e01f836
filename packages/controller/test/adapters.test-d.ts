import type { Tracer as OpenTelemetryTracer } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import type { Logger as PinoLogger } from 'pino';
import { pino } from 'pino';
import { expectTypeOf } from 'vitest';
import type { ControllerSettings, Logger, ManagerOptions, PinoLike, Tracer } from '../src/index.ts';
import { fromPino } from '../src/index.ts';

// The tracer of OpenTelemetry is taken as it is, in both places.
expectTypeOf<OpenTelemetryTracer>().toExtend<Tracer>();
const tracer = trace.getTracer('shop');
export const settings: ControllerSettings = { tracer };
export const options: Pick<ManagerOptions, 'tracer'> = { tracer };

// So is a logger of pino, with levels of its own too.
expectTypeOf<PinoLogger>().toExtend<PinoLike>();
export const logger: Logger = fromPino(pino());
export const withLevels: Logger = fromPino(pino({ customLevels: { loud: 35 } }));
