import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import { startControlPlaneOrSkip } from '../src/or-skip.ts';
import { call } from './api.ts';

/** Makes a certificate that signed itself, and returns it with its key. */
function selfSigned(folder: string, name: string): { certificate: string; key: string } {
  const [certificateFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const command = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=${name} -addext subjectAltName=IP:127.0.0.1`;
  const files = ['-keyout', keyFile, '-out', certificateFile];
  execFileSync('openssl', [...command.split(' '), ...files], { stdio: 'pipe' });
  return {
    certificate: readFileSync(certificateFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
  };
}

test('a certificate of the caller is shown, and another one as soon as the files change', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'serving-certificate-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  const [first, second] = [selfSigned(folder, 'first'), selfSigned(folder, 'second')];
  const servingCertificate = {
    certificateFile: join(folder, 'server.crt'),
    keyFile: join(folder, 'server.key'),
    caFile: join(folder, 'ca.crt'),
  };
  writeFileSync(servingCertificate.certificateFile, first.certificate);
  writeFileSync(servingCertificate.keyFile, first.key);
  writeFileSync(servingCertificate.caFile, first.certificate + second.certificate);
  await using controlPlane = await startControlPlaneOrSkip(context, {
    controllers: [],
    servingCertificate,
  });
  const { server, token, ca } = controlPlane;
  const asking = (authority: string) => call({ server, token, ca: authority }, 'GET', '/readyz');
  const shownAtFirst = await asking(first.certificate);

  writeFileSync(servingCertificate.certificateFile, second.certificate);
  writeFileSync(servingCertificate.keyFile, second.key);
  const shownThen = await vi.waitFor(() => asking(second.certificate), { timeout: 20_000 });

  expect(ca).toBe(first.certificate + second.certificate);
  expect([shownAtFirst.status, shownThen.status]).toEqual([200, 200]);
  await expect(asking(first.certificate)).rejects.toThrow('certificate');
});
