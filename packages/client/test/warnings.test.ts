import { describe, expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { configMaps } from '../src/resources-core.ts';
import { answerJson, answerStatus, startServer, type Script } from '../testing/scripted-server.ts';

/** What the handler of a client gets for a call that is answered with these headers. */
async function warningsFor(...headers: string[]): Promise<string[]> {
  const seen: string[] = [];
  await using server = await startServer(warn(headers));
  await using client = new KubeClient({
    server: server.url,
    skipTLSVerify: true,
    onWarning: (text) => seen.push(text),
  });
  await client.request('/x');
  return seen;
}

function warn(headers: string[]): Script {
  return (_, response) => {
    response.setHeader('Warning', headers);
    answerJson(response, {});
  };
}

describe('onWarning', () => {
  test('gets the text of every warning in order', async () => {
    expect(await warningsFor('299 - "one"', '299 a "two", 299 - "three"')).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  test('gets texts with quotes and backslashes as they were meant', async () => {
    expect(await warningsFor(String.raw`299 - "unknown field \"spec.a\\b\""`)).toEqual([
      String.raw`unknown field "spec.a\b"`,
    ]);
  });

  test('gets nothing that is not for people or is no warning', async () => {
    expect(await warningsFor('199 - "misc"', '299 - ""', 'nonsense')).toEqual([]);
  });

  test('gets the warnings of calls that fail as well', async () => {
    const seen: string[] = [];
    await using server = await startServer((_, response) =>
      answerStatus(response, { code: 404 }, { warning: '299 - "gone soon"' }),
    );
    const onWarning = (text: string): void => void seen.push(text);
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true, onWarning });

    await expect(client.resource(configMaps).list()).rejects.toMatchObject({ code: 404 });

    expect(seen).toEqual(['gone soon']);
  });

  test.each<[string, () => unknown]>([
    ['throws', () => expect.fail('broken')],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('that %s becomes a process warning and fails no call', async (_, onWarning) => {
    await using server = await startServer(warn(['299 - "one"']));
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true, onWarning });
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));

    expect(await client.request('/x')).toEqual({});

    expect((await warned).message).toBe('The function for warnings of the server failed: broken');
  });
});
