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

const slots = 1024;
/** Times that were read a moment ago: a rollout makes many of the same second. */
const recentSeconds: number[] = Array.from({ length: slots }, () => Number.NaN);
const recentTexts: string[] = Array.from({ length: slots }, () => '');

function textOfSeconds(seconds: number, offset: number): string {
  const slot = seconds & (slots - 1);
  if (recentSeconds[slot] === seconds) return recentTexts[slot] ?? '';
  if (Math.abs(seconds) > latestSeconds) throw new WireError(`${seconds} s is no time`, offset);
  const text = `${new Date(seconds * 1000).toISOString().slice(0, -5)}Z`;
  recentSeconds[slot] = seconds;
  recentTexts[slot] = text;
  return text;
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
