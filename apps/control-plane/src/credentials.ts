import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Who a client may be, and the files that tell the API server so. */
export interface Credentials {
  /** Bearer token of a user in `system:masters`. */
  readonly token: string;
  /** The same rights by certificate: the certificate, PEM. */
  readonly clientCertificate: string;
  /** The key of the certificate, PEM. */
  readonly clientKey: string;
  /** File for `--token-auth-file`. */
  readonly tokenFile: string;
  /** File for `--client-ca-file`. */
  readonly clientCaFile: string;
  /** File with the key that signs service account tokens. */
  readonly serviceAccountKeyFile: string;
}

/**
 * Makes keys with node:crypto and certificates with the `openssl` command, in a folder of their own.
 * Throws an `Error` when `openssl` is missing or fails.
 */
export async function makeCredentials(directory: string): Promise<Credentials> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = (name: string): string => join(directory, name);
  const save = async (name: string, content: string): Promise<void> =>
    writeFile(path(name), content, { mode: 0o600 });

  const token = randomBytes(24).toString('hex');
  await save('tokens.csv', `${token},admin,admin-uid,"system:masters"\n`);
  for (const key of ['sa.key', 'client-ca.key', 'admin.key']) await save(key, privateKey());
  await save('client.ext', 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n');
  await openssl(
    directory,
    'req -x509 -new -key client-ca.key -out client-ca.crt -days 365 -subj /CN=control-plane-client-ca',
  );
  await openssl(
    directory,
    'req -new -key admin.key -out admin.csr -subj /O=system:masters/CN=admin',
  );
  await openssl(
    directory,
    'x509 -req -in admin.csr -out admin.crt -days 365 -extfile client.ext -CA client-ca.crt -CAkey client-ca.key -set_serial 2',
  );
  return {
    token,
    clientCertificate: await readFile(path('admin.crt'), 'utf8'),
    clientKey: await readFile(path('admin.key'), 'utf8'),
    tokenFile: path('tokens.csv'),
    clientCaFile: path('client-ca.crt'),
    serviceAccountKeyFile: path('sa.key'),
  };
}

function privateKey(): string {
  return generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}

/** Arguments are separated by one space; none of them holds one. */
async function openssl(directory: string, command: string): Promise<void> {
  try {
    await run('openssl', command.split(' '), { cwd: directory });
  } catch (error) {
    throw new Error(`Cannot make a certificate: "openssl ${command}" did not run or failed`, {
      cause: error,
    });
  }
}
