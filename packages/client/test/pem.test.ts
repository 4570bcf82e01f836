import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pemText } from '../src/pem.ts';
import { makeAuthority, type Authority, type Pair } from '../testing/certificates.ts';

let authority: Authority;
let pair: Pair;
/** The same key, encrypted with `secret`. */
let locked: string;

beforeAll(() => {
  authority = makeAuthority();
  pair = authority.issue('one');
  const out = join(authority.folder, 'locked.key');
  const args = ['pkcs8', '-topk8', '-in', 'one.key', '-passout', 'pass:secret', '-out', out];
  execFileSync('openssl', args, { stdio: 'pipe', cwd: authority.folder });
  locked = readFileSync(out, 'utf8');
});

afterAll(() => authority[Symbol.dispose]());

const hollow = '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n';
const certificate = (text: string): string => pemText(text, { option: 'ca', kind: 'certificate' });
const key = (text: string, passphrase?: string): string =>
  pemText(text, { option: 'key', kind: 'key', passphrase });

describe('certificates', () => {
  test('several, with words between them and Windows line ends, are taken as they are', () => {
    const text = `# ours\n${authority.ca}\n# theirs\n${pair.cert}`.replaceAll('\n', '\r\n');

    expect(certificate(text)).toBe(text);
  });

  test('a key in the same file does not matter', () => {
    const both = pair.key + pair.cert;

    expect([certificate(both), key(both)]).toEqual([both, both]);
  });

  test('a broken one is refused', () => {
    expect(() => certificate(hollow)).toThrow(
      'Cannot use option "ca": its certificate is broken: ',
    );
  });

  test('a broken one among good ones is refused by its number', () => {
    expect(() => certificate(pair.cert + hollow + authority.ca)).toThrow(
      'Cannot use option "ca": its certificate 2 is broken: ',
    );
  });

  test('one that is cut off is refused', () => {
    expect(() => certificate(pair.cert.slice(0, -40))).toThrow('its certificate is broken: ');
  });
});

describe('keys', () => {
  test('a broken one is refused', () => {
    expect(() => key(hollow.replaceAll('CERTIFICATE', 'PRIVATE KEY'))).toThrow(
      'Cannot use option "key": its key cannot be read: ',
    );
  });

  test('an encrypted one is read with its passphrase', () => {
    expect(key(locked, 'secret')).toBe(locked);
  });

  test('an encrypted one without its passphrase is refused with the remedy', () => {
    expect(() => key(locked)).toThrow('it is encrypted, give option "passphrase"');
  });

  test('an encrypted one with another passphrase is refused', () => {
    expect(() => key(locked, 'wrong')).toThrow('its key cannot be read: ');
  });
});
