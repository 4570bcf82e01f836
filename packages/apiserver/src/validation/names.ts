const subdomainPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dns1035Pattern = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedPattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValuePattern = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';

const subdomain = new RegExp(`^${subdomainPattern}$`);
const label = new RegExp(`^${labelPattern}$`);
const dns1035 = new RegExp(`^${dns1035Pattern}$`);
const qualified = new RegExp(`^${qualifiedPattern}$`);
const labelValue = new RegExp(`^${labelValuePattern}$`);

/** What is wrong with a name, in the words of the real server; empty when nothing is. */
export type NameRule = (name: string) => string[];

/** A lowercase RFC 1123 subdomain, which most kinds take as names. */
export const subdomainRule: NameRule = (name) => [
  ...(name.length > 253 ? ['must be no more than 253 bytes'] : []),
  ...(subdomain.test(name)
    ? []
    : [
        `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomainPattern}')`,
      ]),
];

/** A lowercase RFC 1123 label, which namespaces take as names. */
export const labelRule: NameRule = (name) => [
  ...(name.length > 63 ? ['must be no more than 63 bytes'] : []),
  ...(label.test(name)
    ? []
    : [
        `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${labelPattern}')`,
      ]),
];

/** An RFC 1035 label, which services take as names. */
export const dns1035Rule: NameRule = (name) => [
  ...(name.length > 63 ? ['must be no more than 63 bytes'] : []),
  ...(dns1035.test(name)
    ? []
    : [
        `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${dns1035Pattern}')`,
      ]),
];

/** A path segment, which roles and role bindings take as names. */
export const pathSegmentRule: NameRule = (name) => [
  ...(name === '.' || name === '..' ? [`may not be '${name}'`] : []),
  ...['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`),
];

const dataKeyPattern = '[-._a-zA-Z0-9]+';
const dataKey = new RegExp(`^${dataKeyPattern}$`);

/** A key of the data of a config map or secret: a file name. */
export const dataKeyRule: NameRule = (key) => [
  ...(key.length > 253 ? ['must be no more than 253 bytes'] : []),
  ...(dataKey.test(key)
    ? []
    : [
        `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '${dataKeyPattern}')`,
      ]),
  ...(key === '.' || key === '..' ? [`must not be '${key}'`] : []),
  ...(key.length > 2 && key.startsWith('..') ? ["must not start with '..'"] : []),
];

/** A key of a label, annotation or finalizer: `name` or `prefix/name`. */
export const qualifiedNameRule: NameRule = (key) => {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const problems: string[] = [];
  if (parts.length > 2) {
    return [
      `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedPattern}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  if (prefix === '') problems.push('prefix part must be non-empty');
  else if (prefix !== undefined)
    problems.push(...subdomainRule(prefix).map((text) => `prefix part ${text}`));
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push('name part must be no more than 63 bytes');
  if (!qualified.test(name)) {
    problems.push(
      `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedPattern}')`,
    );
  }
  return problems;
};

/** The value of a label. */
export const labelValueRule: NameRule = (value) => [
  ...(value.length > 63 ? ['must be no more than 63 bytes'] : []),
  ...(labelValue.test(value)
    ? []
    : [
        `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValuePattern}')`,
      ]),
];

/** The rule for the names of a resource, by storage id. */
export function nameRule(storageId: string): NameRule {
  if (storageId === '/namespaces') return labelRule;
  if (storageId === '/services') return dns1035Rule;
  if (storageId.startsWith('rbac.authorization.k8s.io/')) return pathSegmentRule;
  return subdomainRule;
}
