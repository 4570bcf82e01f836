import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineResource, KubeClient } from '@kubeloop/client';
import { Manager } from '@kubeloop/controller';
import { afterAll, describe, expect, test } from 'vitest';
import { errorOf, expectNoStrays } from './strays.ts';

expectNoStrays();

const folder = mkdtempSync(join(tmpdir(), 'kubeloop-'));
afterAll(() => rmSync(folder, { recursive: true }));
const emptyFile = join(folder, 'empty');
writeFileSync(emptyFile, '');

const server = 'https://127.0.0.1:1';
/** The shape of a certificate, with nothing inside. */
const hollow = '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n';

describe('a client refuses at once', () => {
  const cases: readonly (readonly [title: string, options: unknown, parts: readonly string[]])[] = [
    ['no options', undefined, ['kubeconfig or options']],
    ['text', 'https://h', ['kubeconfig or options']],
    ['no server', {}, ['URL of its server', 'kubeConfig']],
    ['what is no URL', { server: 'nonsense' }, ['"nonsense"', 'not a URL']],
    ['a URL without a scheme', { server: '127.0.0.1:6443' }, ['"127.0.0.1:6443"']],
    ['another scheme', { server: 'ftp://h' }, ['"ftp://h"', 'https or http']],
    ['http without a word', { server: 'http://h' }, ['"http://h"', 'set skipTLSVerify']],
    ['a URL with a query', { server: 'https://h/?a=b' }, ['"https://h/"', 'query']],
    [
      'a token and a token file',
      { server, token: 'a', tokenFile: 'b' },
      ['"token"', '"tokenFile"'],
    ],
    [
      'a token and a user',
      { server, token: 'a', username: 'b', password: 'c' },
      ['"token"', '"username"'],
    ],
    ['a user without a password', { server, username: 'b' }, ['"username"', '"password"']],
    ['an empty token', { server, token: '' }, ['"token"', 'empty']],
    ['a token with a line break', { server, token: 'a\nb' }, ['"token"', 'white space']],
    ['a token that is no text', { server, token: 5 }, ['"token"', 'number']],
    [
      'a token file that is not there',
      { server, tokenFile: '/nowhere/t' },
      ['tokenFile "/nowhere/t"', 'ENOENT'],
    ],
    ['a token file that is empty', { server, tokenFile: emptyFile }, ['"tokenFile"', 'empty']],
    ['a CA that is no PEM', { server, ca: 'no pem' }, ['"ca"', 'not a PEM certificate']],
    [
      'a CA in base64',
      { server, ca: Buffer.from(hollow).toString('base64') },
      ['"ca"', 'decode it first'],
    ],
    ['a CA with a broken body', { server, ca: hollow }, ['"ca"']],
    ['a CA and a CA file', { server, ca: hollow, caFile: 'b' }, ['"ca"', '"caFile"']],
    [
      'a CA file that is not there',
      { server, caFile: '/nowhere/ca' },
      ['caFile "/nowhere/ca"', 'ENOENT'],
    ],
    ['a certificate without a key', { server, cert: hollow }, ['"cert"', '"key"']],
    ['a key without a certificate', { server, keyFile: '/nowhere' }, ['"key"', '"cert"']],
    ['a proxy that is none', { server, proxyUrl: 'nonsense' }, ['proxy URL']],
    ['a rate that is NaN', { server, qps: Number.NaN }, ['NaN', 'qps']],
    ['a rate of zero', { server, qps: 0 }, ['0', 'qps']],
    ['a burst without a rate', { server, burst: 5 }, ['"burst"', '"qps"']],
    [
      'a burst of zero, with which no call could ever be sent',
      { server, qps: 1, burst: 0 },
      ['0', 'burst'],
    ],
    ['a negative number of tries', { server, maxRetries: -1 }, ['-1', 'maxRetries']],
    [
      'an infinite timeout',
      { server, requestTimeoutMs: Infinity },
      ['Infinity', 'requestTimeoutMs'],
    ],
    ['a user agent with a line break', { server, userAgent: 'a\r\nb' }, ['"userAgent"']],
  ];
  test.each(cases)('%s', async (_title, options, parts) => {
    // What a program in JavaScript can pass.
    const error = await errorOf(() => new KubeClient(options as { server: string }));

    for (const part of parts) expect(error.message).toContain(part);
  });
});

test('a secret is in no message', async () => {
  const secret = 'very secret';

  const errors = await Promise.all([
    errorOf(() => new KubeClient({ server, token: secret })),
    errorOf(() => new KubeClient({ server: `https://me:${secret.replace(' ', '')}@h` })),
  ]);

  expect(errors.map(({ message }) => message).join('\n')).not.toContain('secret');
});

describe('a manager refuses at once', () => {
  const kubeConfig = { server };
  const cases: readonly (readonly [title: string, options: unknown, parts: readonly string[]])[] = [
    ['no options', undefined, ['client', 'kubeConfig']],
    ['neither client nor kubeconfig', {}, ['client', 'kubeConfig']],
    [
      'both',
      { kubeConfig, client: new KubeClient(kubeConfig) },
      ['client', 'kubeConfig', 'not both'],
    ],
    [
      'a resync period that is NaN',
      { kubeConfig, resyncPeriodMs: Number.NaN },
      ['NaN', 'resyncPeriodMs'],
    ],
    ['a negative patience', { kubeConfig, cacheSyncTimeoutMs: -1 }, ['-1', 'cacheSyncTimeoutMs']],
    [
      'an infinite stop',
      { kubeConfig, gracefulShutdownTimeoutMs: Infinity },
      ['Infinity', 'gracefulShutdownTimeoutMs'],
    ],
    [
      'no workers',
      { kubeConfig, controllers: { maxConcurrentReconciles: 0 } },
      ['0', 'maxConcurrentReconciles'],
    ],
    ['a namespace that cannot be', { kubeConfig, namespace: 'a/b' }, ['"a/b"', 'namespace']],
    ['a logger that is none', { kubeConfig, logger: {} }, ['logger']],
  ];
  test.each(cases)('%s', async (_title, options, parts) => {
    // What a program in JavaScript can pass.
    const error = await errorOf(() => new Manager(options as { kubeConfig: { server: string } }));

    for (const part of parts) expect(error.message).toContain(part);
  });
});

describe('a description of a resource is refused at once', () => {
  const good = { group: 'a.b', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true };
  const cases: readonly (readonly [
    title: string,
    definition: unknown,
    parts: readonly string[],
  ])[] = [
    ['when there is none', undefined, ['Cannot define resource']],
    ['without members', {}, ['group is undefined']],
    [
      'with a plural in capitals',
      { ...good, plural: 'Widgets' },
      ['plural is "Widgets"', 'lower case'],
    ],
    ['with group and version in one', { ...good, version: 'a.b/v1' }, ['version is "a.b/v1"']],
    [
      'without saying whether it lives in namespaces',
      { ...good, namespaced: undefined },
      ['namespaced is undefined'],
    ],
  ];
  test.each(cases)('%s', async (_title, definition, parts) => {
    // What a program in JavaScript can pass.
    const error = await errorOf(() => defineResource(definition as typeof good));

    for (const part of parts) expect(error.message).toContain(part);
  });
});
