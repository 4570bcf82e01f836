import { valueAt, type KubeObject } from './json.ts';
import type { ResourceDefinition } from './registry/definition.ts';
import { badRequest } from './status.ts';

/** Decides whether an object belongs to a list or watch. */
export type Matcher = (object: KubeObject) => boolean;

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const key = String.raw`(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?`;
const value = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?`;
const equality = new RegExp(`^(${key})\\s*(==|=|!=)\\s*(${value})$`);
const membership = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const existence = new RegExp(`^(!?)\\s*(${key})$`);
const comparison = new RegExp(`^(${key})\\s*([<>])\\s*(-?\\d+)$`);
const wholeValue = new RegExp(`^${value}$`);

/**
 * Compiles a label selector.
 *
 * @throws StatusError 400 when the text is no selector
 */
export function labelMatcher(text: string): Matcher | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const requirements = splitOutsideParentheses(trimmed).map((part) => requirement(part.trim()));
  return (object) => {
    const labels = object.metadata.labels ?? {};
    return requirements.every((matches) => matches(labels));
  };
}

function requirement(text: string): Requirement {
  const equal = equality.exec(text);
  if (equal !== null) {
    const [, name = '', operator, wanted = ''] = equal;
    return operator === '!='
      ? (labels) => own(labels, name) !== wanted
      : (labels) => own(labels, name) === wanted;
  }
  const member = membership.exec(text);
  if (member !== null) return membershipRequirement(member);
  const exists = existence.exec(text);
  if (exists !== null) {
    const [, not, name = ''] = exists;
    return (labels) => (own(labels, name) === undefined) === (not === '!');
  }
  const compared = comparison.exec(text);
  if (compared !== null) return comparisonRequirement(compared);
  throw badRequest(`unable to parse requirement: ${JSON.stringify(text)} is not a label selector`);
}

function membershipRequirement([, name = '', operator, list = '']: RegExpExecArray): Requirement {
  const values = new Set(list.split(',').map((item) => item.trim()));
  for (const item of values) {
    if (!wholeValue.test(item)) {
      throw badRequest(`unable to parse requirement: values[0][${name}]: Invalid value: "${item}"`);
    }
  }
  return operator === 'in'
    ? (labels) => values.has(own(labels, name) ?? '\0')
    : (labels) => !values.has(own(labels, name) ?? '\0');
}

function comparisonRequirement([, name = '', operator, bound]: RegExpExecArray): Requirement {
  const limit = Number(bound);
  return (labels) => {
    const found = own(labels, name);
    if (found === undefined || !/^-?\d+$/.test(found)) return false;
    return operator === '<' ? Number(found) < limit : Number(found) > limit;
  };
}

function own(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^()]*\))/);
}

/** What a field selector asks for. */
export interface FieldSelector {
  readonly matches: Matcher;
  /** Whether anything but the metadata is asked for, or more than one name. */
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

/**
 * Compiles a field selector for one resource.
 *
 * @throws StatusError 400 when the text is no selector or names a field that cannot be selected
 */
export function fieldSelector(
  text: string,
  resource: ResourceDefinition,
): FieldSelector | undefined {
  if (text.trim() === '') return undefined;
  const terms = text.split(/(?<!\\),/).map((part) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part.trim());
    if (match === null) {
      throw badRequest(`invalid selector: '${text}'; can't understand '${part.trim()}'`);
    }
    const [, field = '', operator = '', wanted = ''] = match;
    checkField(field, resource);
    return { field, path: field.split('.'), negated: operator === '!=', wanted: unescape(wanted) };
  });
  const exact = (field: string): string | undefined =>
    terms.find((term) => term.field === field && !term.negated)?.wanted;
  return {
    name: exact('metadata.name'),
    namespace: exact('metadata.namespace'),
    matches: (object) =>
      terms.every(({ path, negated, wanted }) => (fieldText(object, path) === wanted) !== negated),
  };
}

function checkField(field: string, resource: ResourceDefinition): void {
  if (field === 'metadata.name' || resource.selectableFields.includes(field)) return;
  if (field === 'metadata.namespace' && (resource.namespaced || resource.custom === undefined))
    return;
  throw badRequest(
    resource.custom !== undefined || resource.selectableFields.length > 0
      ? `field label not supported: ${field}`
      : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** Fields that read as a value when they are absent. */
const absent: Readonly<Record<string, string>> = {
  'spec.unschedulable': 'false',
  'spec.hostNetwork': 'false',
  'status.replicas': '0',
  'status.successful': '0',
};

function fieldText(object: KubeObject, path: readonly string[]): string {
  const found = valueAt(object, path);
  if (found === undefined || found === null) return absent[path.join('.')] ?? '';
  return typeof found === 'object' ? JSON.stringify(found) : String(found);
}

function unescape(text: string): string {
  return text.replaceAll(/\\([\\,=])/g, '$1');
}
