import { expect, test } from 'vitest';

import { kubeconfig } from '../src/kubeconfig.ts';

const text = kubeconfig({
  server: 'https://127.0.0.1:1',
  ca: 'CA',
  token: 'secret',
  clientCertificate: 'CERT',
  clientKey: 'KEY',
});

test('the current context uses the token and the certificate of the server', () => {
  const config: unknown = JSON.parse(text);

  expect(config).toMatchObject({
    'current-context': 'token',
    clusters: [
      { cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'Q0E=' } },
    ],
    users: [{ name: 'token', user: { token: 'secret' } }, { name: 'certificate' }],
  });
});

test('every context names a user and a cluster that are there', () => {
  const config: unknown = JSON.parse(text);

  expect(config).toMatchObject({
    clusters: [{ name: 'control-plane' }],
    contexts: [
      { name: 'token', context: { cluster: 'control-plane', user: 'token' } },
      { name: 'certificate', context: { cluster: 'control-plane', user: 'certificate' } },
    ],
  });
});
