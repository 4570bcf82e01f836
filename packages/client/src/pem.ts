import type * as Crypto from 'node:crypto';
import { readFileSync } from 'node:fs';

type PemKind = 'certificate' | 'key';

const shapes: Readonly<Record<PemKind, RegExp>> = {
  certificate: /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/,
  key: /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
};

/** Where each certificate of a file begins; other things may stand between them. */
const certificateStart = /(?=-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----)/;

/** Loaded with the first certificate: it takes 5 ms and 4 MB. */
function crypto(): typeof Crypto {
  return process.getBuiltinModule('node:crypto');
}

/** What {@link pemText} is about. */
export interface PemSource {
  /** The option's name, for messages. */
  readonly option: string;
  readonly kind: PemKind;
  /** What a key is encrypted with. */
  readonly passphrase?: string | undefined;
}

/**
 * The text of a PEM certificate or key.
 *
 * Every certificate is read once: OpenSSL would silently leave out a broken one and all that follow it.
 *
 * @throws TypeError that names the option when it is not PEM, is broken, or is encrypted with another passphrase
 */
export function pemText(value: string | Uint8Array, source: PemSource): string {
  const { option, kind } = source;
  if (typeof value !== 'string' && !(value instanceof Uint8Array))
    throw new TypeError(`Cannot use option "${option}": it is neither text nor bytes`);
  const text = typeof value === 'string' ? value : Buffer.from(value).toString('latin1');
  if (!shapes[kind].test(text)) {
    const isEncoded = shapes[kind].test(Buffer.from(text, 'base64').toString('latin1'));
    const remedy = isEncoded ? ': it is base64, decode it first' : '';
    throw new TypeError(`Cannot use option "${option}": it is not a PEM ${kind}${remedy}`);
  }
  if (kind === 'certificate') checkCertificates(text, option);
  else checkKey(text, source);
  return text;
}

function checkCertificates(text: string, option: string): void {
  const blocks = text.split(certificateStart).filter((block) => shapes.certificate.test(block));
  const { X509Certificate } = crypto();
  for (const [index, block] of blocks.entries())
    try {
      void new X509Certificate(block);
    } catch (cause) {
      const which = blocks.length === 1 ? 'its certificate' : `its certificate ${index + 1}`;
      throw new TypeError(
        `Cannot use option "${option}": ${which} is broken: ${messageOf(cause)}`,
        {
          cause,
        },
      );
    }
}

function checkKey(text: string, { option, passphrase }: PemSource): void {
  try {
    crypto().createPrivateKey({ key: text, ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    const isLocked =
      passphrase === undefined && /BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text);
    const why = isLocked ? 'it is encrypted, give option "passphrase"' : messageOf(cause);
    throw new TypeError(`Cannot use option "${option}": its key cannot be read: ${why}`, { cause });
  }
}

/** A certificate with what should be its key, and what they are called. */
export interface PemPair {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly passphrase?: string | undefined;
  readonly names: readonly [cert: string, key: string];
}

/**
 * Refuses a certificate and a key that do not belong together, such as those of two files of which only one has been
 * replaced yet. What cannot be read is for whoever uses it to refuse.
 *
 * @throws TypeError that names both
 */
export function checkPair({ cert, key, passphrase, names: [certName, keyName] }: PemPair): void {
  if (cert === undefined || key === undefined || belongTogether(cert, key, passphrase)) return;
  throw new TypeError(
    `Cannot use options "${certName}" and "${keyName}" together: the key is not that of the certificate`,
  );
}

function belongTogether(cert: string, key: string, passphrase: string | undefined): boolean {
  const { X509Certificate, createPrivateKey } = crypto();
  try {
    const privateKey = createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) });
    return new X509Certificate(cert).checkPrivateKey(privateKey);
  } catch {
    return true;
  }
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
