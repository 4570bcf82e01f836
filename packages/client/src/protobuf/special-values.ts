import { WireError, type WireReader } from './wire-reader.ts';

/** The one text in a message, such as that of a Quantity. */
export function readQuantity(reader: WireReader, end: number): string {
  let text = '0';
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === 0x0a) text = reader.text(reader.lengthWithin(end)) || '0';
    else reader.skip(tag & 7, end);
  }
  return text;
}

/** A number or a text, by the first field of its message. */
export function readIntOrString(reader: WireReader, end: number): number | string {
  let isText = false;
  let number = 0;
  let text = '';
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === 0x08) isText = reader.varint() === 1;
    else if (tag === 0x10) number = reader.varint();
    else if (tag === 0x1a) text = reader.text(reader.lengthWithin(end));
    else reader.skip(tag & 7, end);
  }
  return isText ? text : number;
}

/** Seconds and nanoseconds. Both zero is Go's zero time, which is null in JSON. */
function readTimestamp(reader: WireReader, end: number): { seconds: number; nanos: number } {
  let seconds = 0;
  let nanos = 0;
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === 0x08) seconds = reader.varint();
    else if (tag === 0x10) nanos = reader.varint();
    else reader.skip(tag & 7, end);
  }
  return { seconds, nanos };
}

/** What a Date can hold. */
const latestSeconds = 8.64e12;

const slots = 64;
/** Days that were read a moment ago, counted from 1970: dates cost more than clocks, and many times are of a few days. */
const recentDays: number[] = Array.from({ length: slots }, () => Number.NaN);
const recentDates: string[] = Array.from({ length: slots }, () => '');

const clock: Buffer = Buffer.from('00:00:00Z');

function textOfSeconds(seconds: number, offset: number): string {
  if (Math.abs(seconds) > latestSeconds) throw new WireError(`${seconds} s is no time`, offset);
  const day = Math.floor(seconds / 86_400);
  const rest = seconds - day * 86_400;
  writeDigits(0, Math.floor(rest / 3600));
  writeDigits(3, Math.floor(rest / 60) % 60);
  writeDigits(6, rest % 60);
  return `${dateOf(day)}${clock.toString('latin1')}`;
}

function dateOf(day: number): string {
  const slot = day & (slots - 1);
  if (recentDays[slot] !== day) {
    recentDays[slot] = day;
    recentDates[slot] = new Date(day * 86_400_000).toISOString().slice(0, -13);
  }
  return recentDates[slot] ?? '';
}

function writeDigits(at: number, value: number): void {
  clock[at] = 48 + Math.floor(value / 10);
  clock[at + 1] = 48 + (value % 10);
}

/** A Time: RFC 3339 in whole seconds, as JSON has it. @throws WireError beyond what a date can be */
export function readTime(reader: WireReader, end: number): string | null {
  const { seconds, nanos } = readTimestamp(reader, end);
  return seconds === 0 && nanos === 0 ? null : textOfSeconds(seconds, end);
}

/** A MicroTime: RFC 3339 with six digits of a second. @throws WireError beyond what a date can be */
export function readMicroTime(reader: WireReader, end: number): string | null {
  const { seconds, nanos } = readTimestamp(reader, end);
  if (seconds === 0 && nanos === 0) return null;
  const micros = String(Math.floor(nanos / 1000)).padStart(6, '0');
  return `${textOfSeconds(seconds, end).slice(0, -1)}.${micros}Z`;
}
