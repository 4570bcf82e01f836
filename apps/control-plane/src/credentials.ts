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

/** What a certificate is made of. */
export interface CertificateOptions {
  /** The files: `server` makes `server.crt` and `server.key`, over those that are there. */
  readonly file: string;
  /** Whose it is: `/O=system:masters/CN=admin`, without a space. */
  readonly subject: string;
  /** What it may be used for and which names it has, as openssl's configuration has it: `subjectAltName=IP:127.0.0.1`. */
  readonly extensions: readonly string[];
}

/** A certificate and its key, PEM, and the files with both. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/**
 * A certificate authority for tests, with its files in a folder that is the caller's. Keys are made with node:crypto and certificates
 * with the `openssl` command, and are good for a year.
 */
export class Authority {
  /** The file with its own certificate. */
  readonly file: string;
  /** Its own certificate, PEM. */
  readonly certificate: string;
  readonly #directory: string;
  readonly #name: string;
  #serial = 1;

  /** Makes one, in `<name>.crt` and `<name>.key`. Throws an `Error` when `openssl` is missing or fails. */
  static async create(directory: string, name: string): Promise<Authority> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await save(join(directory, `${name}.key`), privateKey());
    await openssl(
      directory,
      `req -x509 -new -key ${name}.key -out ${name}.crt -days 365 -subj /CN=control-plane-${name}`,
    );
    const certificate = await readFile(join(directory, `${name}.crt`), 'utf8');
    return new Authority(directory, name, certificate);
  }

  private constructor(directory: string, name: string, certificate: string) {
    this.file = join(directory, `${name}.crt`);
    this.certificate = certificate;
    this.#directory = directory;
    this.#name = name;
  }

  /** Signs a certificate for a new key. Throws an `Error` when `openssl` is missing or fails. */
  async issue({ file, subject, extensions }: CertificateOptions): Promise<Certificate> {
    const directory = this.#directory;
    const path = (ending: string): string => join(directory, `${file}.${ending}`);
    const key = privateKey();
    await save(path('key'), key);
    await save(path('ext'), `${extensions.join('\n')}\n`);
    await openssl(directory, `req -new -key ${file}.key -out ${file}.csr -subj ${subject}`);
    this.#serial += 1;
    const signer = `-CA ${this.#name}.crt -CAkey ${this.#name}.key -set_serial ${this.#serial}`;
    await openssl(
      directory,
      `x509 -req -in ${file}.csr -out ${file}.crt -days 365 -extfile ${file}.ext ${signer}`,
    );
    const certificate = await readFile(path('crt'), 'utf8');
    return { certificate, key, certificateFile: path('crt'), keyFile: path('key') };
  }
}

/** Makes them in a folder of their own. Throws an `Error` when `openssl` is missing or fails. */
export async function makeCredentials(directory: string): Promise<Credentials> {
  const authority = await Authority.create(directory, 'client-ca');
  const admin = await authority.issue({
    file: 'admin',
    subject: '/O=system:masters/CN=admin',
    extensions: ['keyUsage=critical,digitalSignature', 'extendedKeyUsage=clientAuth'],
  });
  const token = randomBytes(24).toString('hex');
  const [tokenFile, serviceAccountKeyFile] = [
    join(directory, 'tokens.csv'),
    join(directory, 'sa.key'),
  ];
  await save(tokenFile, `${token},admin,admin-uid,"system:masters"\n`);
  await save(serviceAccountKeyFile, privateKey());
  return {
    token,
    clientCertificate: admin.certificate,
    clientKey: admin.key,
    tokenFile,
    clientCaFile: authority.file,
    serviceAccountKeyFile,
  };
}

async function save(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
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
