import {
  escapeFieldValue,
  labelSelectorFrom,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
  type LabelSelectorObject,
} from '@kubeloop/cache-store';
import type { Recording } from './recording.ts';

type Sets = readonly (Readonly<Record<string, string>> | null)[];

interface Selector {
  matches(set: Readonly<Record<string, string>>): boolean;
  toString(): string;
}

/** Texts through `parseLabelSelector`. */
export function labelSelectors(recording: Recording): readonly (readonly unknown[])[] {
  return recording.cases.map(([text]) => textCase(String(text), recording, parseLabelSelector));
}

/** Texts through `parseFieldSelector`, and values through `escapeFieldValue`. */
export function fieldSelectors(recording: Recording): readonly (readonly unknown[])[] {
  return recording.cases.map(([text, value, outcome]) =>
    text === '' && value !== 0 && outcome !== undefined
      ? ['', value, escapeFieldValue(String(value))]
      : textCase(String(text), recording, parseFieldSelector),
  );
}

/** Objects through `labelSelectorFrom`. */
export function labelSelectorObjects(recording: Recording): readonly (readonly unknown[])[] {
  return recording.cases.map(([object]) => {
    const selector = orRefused(() => labelSelectorFrom(selectorObject(object)));
    if (selector === undefined) return [object];
    return [object, String(selector), matches(selector, recording)];
  });
}

function textCase(
  text: string,
  recording: Recording,
  parse: (text: string) => Selector,
): unknown[] {
  const selector = orRefused(() => parse(text));
  if (selector === undefined) return [text];
  const canonical = String(selector);
  return [text, canonical === text ? 0 : canonical, matches(selector, recording)];
}

function orRefused<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (SelectorError.is(error)) return undefined;
    throw error;
  }
}

function matches(selector: Selector, { header }: Recording): string {
  // The header of a recording of selectors has the sets to match them with.
  const sets = header['sets'] as Sets;
  let bits = 0n;
  for (const [index, set] of sets.entries())
    if (selector.matches(set ?? {})) bits |= 1n << BigInt(index);
  return bits.toString(16);
}

function selectorObject(compact: unknown): LabelSelectorObject | null {
  // As the program in go/fuzz writes it.
  const parts = compact as readonly [Record<string, string> | null, ...string[][]] | null;
  if (parts === null) return null;
  const [matchLabels, ...expressions] = parts;
  return {
    matchLabels,
    matchExpressions: expressions.map(([key = '', operator = '', ...values]) => ({
      key,
      operator,
      values,
    })),
  };
}
