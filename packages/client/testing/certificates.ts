import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority made by openssl, for one test file. */
export interface Authority extends Disposable {
  /** Its own certificate. */
  readonly ca: string;
  /** A folder that goes away with it. */
  readonly folder: string;
  /** Signs a new pair. */
  issue(name: string, subjectAltName?: string): Pair;
}

/** Makes an authority. */
export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'kubeloop-client-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test-ca');
  return {
    ca: readFileSync(at('ca.crt'), 'utf8'),
    folder,
    issue(name, subjectAltName = 'IP:127.0.0.1') {
      writeFileSync(at('ext'), `subjectAltName=${subjectAltName}\n`);
      openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', 'csr', '-subj', `/CN=${name}`);
      const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
      openssl('x509', '-req', '-in', 'csr', ...signer, '-out', `${name}.crt`, '-extfile', 'ext');
      return {
        cert: readFileSync(at(`${name}.crt`), 'utf8'),
        key: readFileSync(at(`${name}.key`), 'utf8'),
      };
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true });
    },
  };
}
