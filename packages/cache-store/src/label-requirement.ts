/** How a requirement relates a label to its values. The spellings are those of selector texts, as in apimachinery. */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** One condition of a label selector. */
export interface LabelRequirement {
  /** The label. */
  readonly key: string;
  /** The relation. */
  readonly operator: LabelOperator;
  /** None for `exists` and `!`; one for `=`, `==`, `!=`, `gt` and `lt`; one or more for `in` and `notin`. */
  readonly values: readonly string[];
}

/** Labels of an object; none when undefined. */
export type Labels = Readonly<Record<string, string>> | null | undefined;

/**
 * Whether labels meet a requirement. A label that is absent meets `!`, `!=` and `notin`, and nothing else. `gt` and `lt`
 * compare as 64-bit integers, and are not met by a label that is none.
 */
export function requirementMatches(requirement: LabelRequirement, labels: Labels): boolean {
  const { key, operator, values } = requirement;
  // Only own properties are labels, so `constructor` and `__proto__` are labels like any other.
  const actual = labels != null && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return actual !== undefined && values.includes(actual);
    case '!=':
    case 'notin':
      return actual === undefined || !values.includes(actual);
    case 'exists':
      return actual !== undefined;
    case '!':
      return actual === undefined;
    case 'gt':
    case 'lt':
    default:
      return compares(actual, operator, values[0]);
  }
}

/** Canonical text of a requirement, with its values sorted; the same as apimachinery's. */
export function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`;
    case 'gt':
      return `${key}>${values[0] ?? ''}`;
    case 'lt':
      return `${key}<${values[0] ?? ''}`;
    case '=':
    case '==':
    case '!=':
    default:
      return `${key}${operator}${values[0] ?? ''}`;
  }
}

/** Reads a 64-bit integer as Go's `strconv.ParseInt(text, 10, 64)`; undefined when the text is none. */
export function parseInteger(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) {
    return undefined;
  }
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function compares(
  actual: string | undefined,
  operator: 'gt' | 'lt',
  bound: string | undefined,
): boolean {
  const label = actual === undefined ? undefined : parseInteger(actual);
  const limit = bound === undefined ? undefined : parseInteger(bound);
  if (label === undefined || limit === undefined) {
    return false;
  }
  return operator === 'gt' ? label > limit : label < limit;
}
