import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { expect, onTestFinished, test, vi } from 'vitest';

import { installCustomResource } from '../../src/custom-resource.ts';
import { HttpApi } from '../../src/http-api.ts';
import { SubjectProcess } from '../../src/subject-process.ts';
import { reconciles, subjectNames, subjectProgram } from '../../src/subject-programs.ts';
import { chaosResources, gadgets } from '../../src/subject-protocol.ts';
import type { SubjectMessage } from '../../src/subject-protocol.ts';

const patience = { timeout: 15_000 };

test.for(subjectNames)(
  'subject %s tells of its first lists, of additions, changes and deletions, and of its caches, and stops',
  { timeout: 120_000 },
  async (name, context) => {
    const access = sharedControlPlaneOrSkip(context);
    const api = new HttpApi(access);
    await installCustomResource(api);
    const namespace = `subject-${name}-${Date.now()}`;
    const metadata = { name: namespace };
    await api.expect({ method: 'POST', path: '/api/v1/namespaces', body: { metadata } });
    const collections = {
      configmaps: `/api/v1/namespaces/${namespace}/configmaps`,
      gadgets: `/apis/${gadgets.group}/v1/namespaces/${namespace}/gadgets`,
    };
    for (const path of Object.values(collections)) await create(api, path, 'early');
    const heard: SubjectMessage[] = [];
    const subject = new SubjectProcess({
      program: await subjectProgram(name),
      config: {
        kubeconfig: access.kubeconfig,
        resources: chaosResources,
        settings: 'tuned',
        ...(reconciles(name) && { reconcile: 'gadgets' }),
      },
      onMessage: (message) => void heard.push(message),
    });
    onTestFinished(async () => {
      await subject.kill();
      await api.expect({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
      api.close();
    });

    await subject.synced(30_000);
    const versions: Record<string, string> = {};
    for (const [plural, path] of Object.entries(collections)) {
      await create(api, path, 'late');
      await api.expect({
        method: 'PATCH',
        path: `${path}/late`,
        body: { metadata: { labels: { a: 'b' } } },
      });
      versions[plural] = await create(api, path, 'last');
      await api.expect({ method: 'DELETE', path: `${path}/early` });
    }
    const callsOf = (plural: string): string[] => {
      const calls = heard.flatMap((message) =>
        message.type === 'event' &&
        message.resource === plural &&
        message.handler !== 'async' &&
        message.key.startsWith(`${namespace}/`) &&
        message.uid !== '' &&
        !message.key.endsWith('.crt')
          ? [`${message.op} ${message.key.split('/')[1]}`]
          : [],
      );
      return calls;
    };
    const expected = ['add early', 'add late', 'update late', 'add last', 'delete early'];

    await vi.waitFor(() => {
      expect(callsOf('configmaps')).toEqual(expected);
      expect(callsOf('gadgets')).toEqual(expected);
    }, patience);
    const { resources } = await subject.store(5000);
    const memory = await subject.memory(5000);
    const reconciled = { type: 'reconcile', key: `${namespace}/last`, rv: versions['gadgets'] };
    const seen = (): boolean => heard.some((message) => isLike(message, reconciled));
    await vi.waitFor(() => expect(seen()).toBe(reconciles(name)), patience);
    await subject.stop(10_000);
    const end = await subject.ended;

    for (const plural of Object.keys(collections)) {
      const cached = resources[plural] ?? {};
      expect(cached[`${namespace}/last`]).toBe(versions[plural]);
      expect(cached).not.toHaveProperty([`${namespace}/early`]);
    }
    expect(Object.keys(resources)).toEqual(expect.arrayContaining(['secrets']));
    expect(memory.rss).toBeGreaterThan(1_000_000);
    expect(end).toMatchObject({ code: 0 });
  },
);

/** Makes an object and answers its version. */
async function create(api: HttpApi, path: string, name: string): Promise<string> {
  const kind = path.endsWith('gadgets')
    ? { apiVersion: `${gadgets.group}/v1`, kind: 'Gadget' }
    : {};
  const body = { ...kind, metadata: { name } };
  const answer = await api.expect({ method: 'POST', path, body });
  // The API server's own answer to a creation.
  return (answer as { readonly metadata: { readonly resourceVersion: string } }).metadata
    .resourceVersion;
}

function isLike(message: SubjectMessage, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([field, value]) => Reflect.get(message, field) === value);
}
