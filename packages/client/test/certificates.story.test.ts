import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { makeAuthority, type Authority, type Pair } from '../testing/certificates.ts';
import { answerJson, startServer } from '../testing/scripted-server.ts';

let authority: Authority;
let good: Pair;
let pairs: Readonly<Record<string, Pair>>;

beforeAll(() => {
  authority = makeAuthority();
  good = authority.issue('good');
  pairs = {
    'self-signed': selfSigned(),
    'of another host': authority.issue('other', 'DNS:other.example.com,IP:127.0.0.2'),
    expired: expired(),
  };
});

afterAll(() => authority[Symbol.dispose]());

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe', cwd: authority.folder });
}

function read(name: string): string {
  return readFileSync(join(authority.folder, name), 'utf8');
}

function selfSigned(): Pair {
  const name = ['-subj', '/CN=self', '-addext', 'subjectAltName=IP:127.0.0.1'];
  openssl('req', '-x509', ...newKey, '-keyout', 'self.key', '-out', 'self.crt', ...name);
  return { cert: read('self.crt'), key: read('self.key') };
}

/** Signed by the authority, for the right host, and over since 2020. */
function expired(): Pair {
  writeFileSync(
    join(authority.folder, 'ca.conf'),
    `[ca]\ndefault_ca=it\n[it]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\npolicy=any\ndefault_md=sha256\n[any]\ncommonName=supplied\n`,
  );
  writeFileSync(join(authority.folder, 'index'), '');
  writeFileSync(join(authority.folder, 'old-ext'), 'subjectAltName=IP:127.0.0.1\n');
  openssl('req', ...newKey, '-keyout', 'old.key', '-out', 'old.csr', '-subj', '/CN=old');
  const signer = ['-config', 'ca.conf', '-cert', 'ca.crt', '-keyfile', 'ca.key'];
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'];
  const files = ['-in', 'old.csr', '-out', 'old.crt', '-extfile', 'old-ext'];
  openssl('ca', '-batch', '-notext', ...signer, ...dates, ...files);
  return { cert: read('old.crt'), key: read('old.key') };
}

/** Both ways of naming a cluster. */
const forms = {
  options: (server: string, skipTLSVerify: boolean): KubeClient =>
    new KubeClient({ server, ca: authority.ca, token: 'secret', skipTLSVerify }),
  'a kubeconfig': (server: string, skipTLSVerify: boolean): KubeClient => {
    const config = new KubeConfig();
    const caData = Buffer.from(authority.ca).toString('base64');
    config.loadFromOptions({
      clusters: [{ name: 'c', server, caData, skipTLSVerify }],
      users: [{ name: 'u', token: 'secret' }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    return new KubeClient(config);
  },
};

const codes = {
  'self-signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'of another host': 'ERR_TLS_CERT_ALTNAME_INVALID',
  expired: 'CERT_HAS_EXPIRED',
};

for (const [form, clientOf] of Object.entries(forms)) {
  test.each(Object.entries(codes))(
    `a certificate that is %s is refused before anything is sent, with ${form}`,
    async (kind, code) => {
      await using server = await startServer(
        (_, response) => answerJson(response, {}),
        pairs[kind],
      );
      await using client = clientOf(server.url, false);

      await expect(client.request('/version')).rejects.toMatchObject({
        name: 'ConnectionError',
        code,
      });

      expect(server.requests).toEqual([]);
    },
  );

  test.each(Object.keys(codes))(
    `a certificate that is %s is accepted only where that is asked for, with ${form}`,
    async (kind) => {
      await using server = await startServer(
        (_, response) => answerJson(response, {}),
        pairs[kind],
      );
      await using client = clientOf(server.url, true);

      await expect(client.request('/version')).resolves.toEqual({});
    },
  );

  test(`a certificate in order is accepted, with ${form}`, async () => {
    await using server = await startServer((_, response) => answerJson(response, {}), good);
    await using client = clientOf(server.url, false);

    await expect(client.request('/version')).resolves.toEqual({});
  });
}

test('a variable of the environment turns no verification off', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  await using server = await startServer(
    (_, response) => answerJson(response, {}),
    pairs['self-signed'],
  );
  await using client = forms.options(server.url, false);

  const answer = client.request('/version');

  await expect(answer).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  vi.unstubAllEnvs();
});
