import { readFileSync } from 'node:fs';

type PemKind = 'certificate' | 'key';

const shapes: Readonly<Record<PemKind, RegExp>> = {
  certificate: /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/,
  key: /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
};

/** The text of a PEM certificate or key. @throws TypeError that names the option when it is not PEM */
export function pemText(option: string, value: string | Uint8Array, kind: PemKind): string {
  const text = typeof value === 'string' ? value : Buffer.from(value).toString('latin1');
  if (shapes[kind].test(text)) return text;
  const isEncoded = shapes[kind].test(Buffer.from(text, 'base64').toString('latin1'));
  const remedy = isEncoded ? ': it is base64, decode it first' : '';
  throw new TypeError(`Cannot use option "${option}": it is not a PEM ${kind}${remedy}`);
}

/** The text of a file that an option names. @throws Error that names option and path when it cannot be read */
export function fileText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`Cannot read ${option} "${path}": ${messageOf(cause)}`, { cause });
  }
}

/** The words of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
