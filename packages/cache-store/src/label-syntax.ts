/** What is wrong in a text, and at which offset of it. */
export interface SyntaxFault {
  /** What is wrong, as the rest of a sentence. */
  readonly reason: string;
  /** Offset of the first wrong character, or the length of the text when something is missing at its end. */
  readonly offset: number;
}

// The limits are those of apimachinery's api/validate/content (kube.go, dns.go): label keys, label values, subdomains.
const maxNameLength = 63;
const maxPrefixLength = 253;
const nameRule =
  "must be letters, digits, '-', '_' or '.', and start and end with a letter or a digit";
const prefixRule =
  "must be lower case letters, digits, '-' or '.', and each part between dots must start and end with a letter or a digit";

/** What is wrong with a label key such as `app` or `example.com/app`; undefined when nothing is. */
export function labelKeyFault(key: string): SyntaxFault | undefined {
  const slash = key.indexOf('/');
  if (slash === -1) {
    return nameFault(key, 0, 'the key');
  }
  const second = key.indexOf('/', slash + 1);
  if (second !== -1) {
    return { reason: 'the key must have at most one slash', offset: second };
  }
  return prefixFault(key.slice(0, slash)) ?? nameFault(key.slice(slash + 1), slash + 1, 'the name');
}

/** What is wrong with a label value; undefined when nothing is. The empty value is right. */
export function labelValueFault(value: string): SyntaxFault | undefined {
  return value === '' ? undefined : nameFault(value, 0, 'the value');
}

function nameFault(name: string, start: number, what: string): SyntaxFault | undefined {
  if (name === '') {
    return { reason: `${what} must not be empty`, offset: start };
  }
  if (name.length > maxNameLength) {
    return {
      reason: `${what} must not be longer than ${maxNameLength} characters`,
      offset: start + maxNameLength,
    };
  }
  const wrong =
    offsetOf(/^[^A-Za-z0-9]/, name) ??
    offsetOf(/[^-A-Za-z0-9_.]/, name) ??
    offsetOf(/[^A-Za-z0-9]$/, name);
  return wrong === undefined ? undefined : { reason: `${what} ${nameRule}`, offset: start + wrong };
}

function prefixFault(prefix: string): SyntaxFault | undefined {
  if (prefix === '') {
    return { reason: 'the prefix must not be empty', offset: 0 };
  }
  if (prefix.length > maxPrefixLength) {
    return {
      reason: `the prefix must not be longer than ${maxPrefixLength} characters`,
      offset: maxPrefixLength,
    };
  }
  const wrong =
    offsetOf(/[^-a-z0-9.]/, prefix) ??
    offsetOf(/(?<=^|\.)[-.]/, prefix) ??
    offsetOf(/-(?=\.)|[-.]$/, prefix);
  return wrong === undefined ? undefined : { reason: `the prefix ${prefixRule}`, offset: wrong };
}

function offsetOf(wrong: RegExp, text: string): number | undefined {
  const offset = text.search(wrong);
  return offset === -1 ? undefined : offset;
}
