import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Authority, type Certificate } from '@kubeloop/control-plane/credentials';

import type { ServerTls } from '../broker/server-tls.ts';

/** What a test of TLS needs: two authorities, a server's certificate and a client's, in a folder that is removed at the end. */
export class Certificates implements AsyncDisposable {
  /** The authority that has signed everything at first. */
  readonly first: Authority;
  /** Another one. */
  readonly second: Authority;
  /** What a client shows. */
  readonly client: Certificate;
  readonly #folder: string;

  /** Makes them. The server's certificate is for 127.0.0.1 and nothing else. Throws an `Error` when `openssl` is missing or fails. */
  static async create(): Promise<Certificates> {
    const folder = await mkdtemp(join(tmpdir(), 'kubeloop-tls-'));
    const first = await Authority.create(folder, 'first');
    const second = await Authority.create(folder, 'second');
    const client = await first.issue({
      file: 'client',
      subject: '/CN=worker',
      extensions: ['extendedKeyUsage=clientAuth'],
    });
    const certificates = new Certificates(folder, first, second, client);
    await certificates.signServer(first);
    return certificates;
  }

  private constructor(folder: string, first: Authority, second: Authority, client: Certificate) {
    this.#folder = folder;
    this.first = first;
    this.second = second;
    this.client = client;
  }

  /** Puts a new certificate where the server finds it at its next start. */
  async signServer(authority: Authority): Promise<void> {
    await authority.issue({
      file: 'server',
      subject: '/CN=server',
      extensions: ['subjectAltName=IP:127.0.0.1', 'extendedKeyUsage=serverAuth'],
    });
  }

  /** What the server is started with. */
  server({
    isClientCertificateRequired,
  }: Pick<ServerTls, 'isClientCertificateRequired'>): ServerTls {
    return {
      certificateFile: join(this.#folder, 'server.crt'),
      keyFile: join(this.#folder, 'server.key'),
      caFile: this.first.file,
      isClientCertificateRequired,
    };
  }

  /** Removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}
