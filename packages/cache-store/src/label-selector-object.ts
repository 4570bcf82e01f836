import type { LabelOperator, LabelRequirement, Labels } from './label-requirement.ts';
import {
  everythingSelector,
  nothingSelector,
  selectorOf,
  type LabelSelector,
} from './label-selector.ts';
import { labelKeyFault, labelValueFault } from './label-syntax.ts';
import { SelectorError } from './selector-error.ts';

/** A label selector as Kubernetes objects have it, for example in `spec.selector` of a Deployment. */
export interface LabelSelectorObject {
  /** Labels that must have exactly these values. */
  readonly matchLabels?: Readonly<Record<string, string>> | null | undefined;
  /** Further conditions. */
  readonly matchExpressions?: readonly LabelSelectorExpression[] | null | undefined;
}

/** One entry of `matchExpressions`. */
export interface LabelSelectorExpression {
  /** The label. */
  readonly key: string;
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: string;
  /** At least one for `In` and `NotIn`, none for the others. */
  readonly values?: readonly string[] | null | undefined;
}

const operators = new Map<string, LabelOperator>([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

/**
 * Makes a selector of a selector object. An absent one selects nothing, an empty one everything, as in apimachinery's
 * `metav1.LabelSelectorAsSelector`.
 *
 * @throws {@link SelectorError} with the path of what is wrong, also for fields that are not known
 */
export function labelSelectorFrom(selector: LabelSelectorObject | null | undefined): LabelSelector {
  if (selector == null) {
    return nothingSelector;
  }
  checkShape(selector);
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    const path = `matchLabels[${JSON.stringify(key)}]`;
    checkKey(key, path);
    checkValue(value, path);
    requirements.push({ key, operator: '=', values: [value] });
  }
  for (const [index, expression] of (selector.matchExpressions ?? []).entries()) {
    requirements.push(requirementFrom(expression, `matchExpressions[${index}]`));
  }
  return requirements.length === 0 ? everythingSelector : selectorOf(requirements);
}

/**
 * Whether labels meet a selector object; an absent one is met by nothing. For many labels and one selector,
 * {@link labelSelectorFrom} once is cheaper.
 *
 * @throws {@link SelectorError} with the path of what is wrong
 */
export function labelSelectorMatches(
  selector: LabelSelectorObject | null | undefined,
  labels: Labels,
): boolean {
  return labelSelectorFrom(selector).matches(labels);
}

/** Refuses what would select everything by mistake: a text, or a bare map of labels as in the selector of a Service. */
function checkShape(selector: object): void {
  if (typeof selector !== 'object' || Array.isArray(selector)) {
    throw new TypeError('Cannot use label selector: it must be an object; see parseLabelSelector');
  }
  for (const field of Object.keys(selector)) {
    if (field !== 'matchLabels' && field !== 'matchExpressions') {
      throw invalid('only matchLabels and matchExpressions are known, no other field', field);
    }
  }
}

function requirementFrom(expression: LabelSelectorExpression, path: string): LabelRequirement {
  checkKey(expression.key, `${path}.key`);
  const operator = operators.get(expression.operator);
  if (operator === undefined) {
    throw invalid(
      `"${expression.operator}" is not In, NotIn, Exists or DoesNotExist`,
      `${path}.operator`,
    );
  }
  const values = [...(expression.values ?? [])];
  const takesValues = operator === 'in' || operator === 'notin';
  if (takesValues !== values.length > 0) {
    const reason = takesValues ? 'must have at least one value' : 'must have no values';
    throw invalid(`${expression.operator} ${reason}`, `${path}.values`);
  }
  for (const [index, value] of values.entries()) {
    checkValue(value, `${path}.values[${index}]`);
  }
  return { key: expression.key, operator, values };
}

function checkKey(key: unknown, path: string): void {
  const reason = typeof key === 'string' ? labelKeyFault(key)?.reason : 'the key must be a string';
  if (reason !== undefined) {
    throw invalid(reason, path);
  }
}

function checkValue(value: unknown, path: string): void {
  const reason =
    typeof value === 'string' ? labelValueFault(value)?.reason : 'the value must be a string';
  if (reason !== undefined) {
    throw invalid(reason, path);
  }
}

function invalid(reason: string, path: string): SelectorError {
  return new SelectorError(`Cannot use label selector: ${reason} at ${path}`, { path });
}
