import { checkText } from './checks.ts';
import { fieldValue } from './field-path.ts';
import { SelectorError } from './selector-error.ts';

/** One condition of a field selector. */
export interface FieldRequirement {
  /** Path of the field, such as `spec.nodeName`. */
  readonly field: string;
  /** Whether the value must be equal or must differ. */
  readonly operator: '=' | '!=';
  /** The value, without escapes. */
  readonly value: string;
}

/** Selects objects by the values of fields. Immutable. */
export interface FieldSelector {
  /**
   * Whether an object, or a flat map from field paths to values, meets every requirement. An absent field has the value
   * "". A server may give an absent field its default instead, such as `spec.unschedulable=false`.
   */
  matches(target: object): boolean;
  /**
   * The selector as text for a request, in canonical form: sorted, with `=` for `==`, and values escaped. Apimachinery
   * sorts before it replaces `==`.
   */
  toString(): string;
  /** Whether there is no requirement, so that everything is selected. */
  readonly empty: boolean;
  /** The requirements, all of which must be met, in canonical order. */
  readonly requirements: readonly FieldRequirement[];
}

/**
 * Reads a field selector as the `fieldSelector` parameter takes it: `a.b=c`, `a.b==c`, `a.b!=c`, joined by commas which
 * mean "and". In values `\`, `,` and `=` are written with a `\` before them. White space belongs to the field or the
 * value. Accepts and refuses what apimachinery's `fields.ParseSelector` does. The empty text selects everything.
 *
 * @throws {@link SelectorError} with the position of what is wrong
 */
export function parseFieldSelector(text: string): FieldSelector {
  if (typeof text !== 'string') {
    throw new TypeError(`Cannot parse a field selector: it must be a string, not ${typeof text}`);
  }
  const requirements: FieldRequirement[] = [];
  for (const match of text.matchAll(/(?:\\[^]|[^,\\]|\\$)+/g)) {
    const requirement = parseTerm(text, match[0], match.index);
    // Apimachinery drops a term without field and value.
    if (requirement.field !== '' || requirement.value !== '') {
      requirements.push(requirement);
    }
  }
  return new RequirementsSelector(requirements);
}

/** Writes a value so that a field selector can contain it: `\`, `,` and `=` get a `\` before them. */
export function escapeFieldValue(value: string): string {
  checkText('Cannot escape field value', value);
  return value.replaceAll(/[\\,=]/g, String.raw`\$&`);
}

class RequirementsSelector implements FieldSelector {
  readonly requirements: readonly FieldRequirement[];
  readonly #text: string;

  constructor(requirements: readonly FieldRequirement[]) {
    const terms = requirements
      .map((requirement) => ({ requirement, text: requirementText(requirement) }))
      .sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)));
    this.requirements = terms.map(({ requirement }) => requirement);
    this.#text = terms.map(({ text }) => text).join(',');
  }

  get empty(): boolean {
    return this.requirements.length === 0;
  }

  matches(target: object): boolean {
    return this.requirements.every(
      ({ field, operator, value }) => (fieldValue(target, field) === value) === (operator === '='),
    );
  }

  toString(): string {
    return this.#text;
  }
}

function requirementText({ field, operator, value }: FieldRequirement): string {
  return `${field}${operator}${escapeFieldValue(value)}`;
}

function parseTerm(text: string, term: string, start: number): FieldRequirement {
  const match = /!=|==|=/.exec(term);
  if (match === null) {
    throw invalid(text, `"${term}" has no '=', '==' or '!='`, start);
  }
  const valueStart = match.index + match[0].length;
  return {
    field: term.slice(0, match.index),
    operator: match[0] === '!=' ? '!=' : '=',
    value: unescapeValue(text, term.slice(valueStart), start + valueStart),
  };
}

function unescapeValue(text: string, value: string, start: number): string {
  const wrong = /^(?:\\[\\,=]|[^\\=])*/.exec(value)?.[0].length ?? 0;
  if (wrong < value.length) {
    const reason =
      value[wrong] === '='
        ? String.raw`'=' in a value must be written '\='`
        : String.raw`'\' must be followed by '\', ',' or '='`;
    throw invalid(text, reason, start + wrong);
  }
  return value.replaceAll(/\\([^])/g, '$1');
}

function invalid(text: string, reason: string, position: number): SelectorError {
  return new SelectorError(
    `Cannot parse field selector ${JSON.stringify(text)}: ${reason} at position ${position}`,
    { position },
  );
}
