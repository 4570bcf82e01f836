import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The authorities there are, by name. */
const authorities = ['first', 'second'] as const;

/** Which authority signs the server's certificate. */
export type Authority = (typeof authorities)[number];

/**
 * Two authorities and a certificate for kube-apiserver, made by the `openssl` command.
 * kube-apiserver reads the files again when they change, so issuing a new certificate is all that rotation takes.
 */
export class Certificates {
  readonly #directory: string;
  #serial = 1;
  #signer: Authority = 'first';

  /** Makes both authorities, and a certificate signed by the first. Throws an `Error` when openssl is missing or fails. */
  static async create(directory: string): Promise<Certificates> {
    const certificates = new Certificates(directory);
    const extensions =
      'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n';
    await writeFile(join(directory, 'server.ext'), extensions);
    for (const name of authorities)
      await certificates.#openssl(
        `req -x509 ${newKey} -keyout ${name}-ca.key -out ${name}-ca.crt -days 365 -subj /CN=chaos-${name}`,
      );
    const both = await Promise.all(authorities.map((name) => certificates.ca(name)));
    await writeFile(certificates.files.caFile, both.join(''));
    await certificates.issue('first');
    return certificates;
  }

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** What a control plane needs to know; its clients trust both authorities. */
  get files(): {
    readonly certificateFile: string;
    readonly keyFile: string;
    readonly caFile: string;
  } {
    return {
      certificateFile: join(this.#directory, 'server.crt'),
      keyFile: join(this.#directory, 'server.key'),
      caFile: join(this.#directory, 'both-ca.crt'),
    };
  }

  /** Who signed the present certificate. */
  get signer(): Authority {
    return this.#signer;
  }

  /** The certificate of an authority, PEM. */
  async ca(name: Authority): Promise<string> {
    return readFile(join(this.#directory, `${name}-ca.crt`), 'utf8');
  }

  /** Signs a new certificate with a new key and puts both where kube-apiserver finds them. Returns the serial number. */
  async issue(signer: Authority): Promise<number> {
    this.#serial += 1;
    const serial = this.#serial;
    await this.#openssl(`req -new ${newKey} -keyout new.key -out new.csr -subj /CN=chaos`);
    await this.#openssl(
      `x509 -req -in new.csr -out new.crt -days 365 -extfile server.ext -set_serial ${serial} -CA ${signer}-ca.crt -CAkey ${signer}-ca.key`,
    );
    const { certificateFile, keyFile } = this.files;
    await writeFile(certificateFile, await readFile(join(this.#directory, 'new.crt')));
    await writeFile(keyFile, await readFile(join(this.#directory, 'new.key')));
    this.#signer = signer;
    return serial;
  }

  /** Arguments are separated by one space; none of them holds one. */
  async #openssl(command: string): Promise<void> {
    try {
      await run('openssl', command.split(' '), { cwd: this.#directory });
    } catch (error) {
      throw new Error(`Cannot make a certificate: "openssl ${command}" did not run or failed`, {
        cause: error,
      });
    }
  }
}

const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
