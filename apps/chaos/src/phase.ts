import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ControlPlane } from '@kubeloop/control-plane';
import type { Assets } from '@kubeloop/control-plane';

import { Certificates } from './certificates.ts';
import { installCustomResource } from './custom-resource.ts';
import type { FaultWorld } from './faults/fault.ts';
import { HttpApi } from './http-api.ts';
import type { PhaseOutcome } from './outcome.ts';
import { Proxy } from './proxy.ts';
import type { Random } from './random.ts';
import { SubjectAccess } from './subject-access.ts';
import { chaosResources } from './subject-protocol.ts';
import { Trial } from './trial.ts';
import type { TrialOptions } from './trial.ts';
import { Writer } from './writer.ts';

/** A control plane of one make and the faults it is put through. */
export interface PhaseOptions extends TrialOptions {
  readonly assets: Assets;
  /** Further arguments of kube-apiserver. */
  readonly apiServerArgs: readonly string[];
  /** Feature gates of kube-apiserver. */
  readonly featureGates: Readonly<Record<string, boolean>>;
  /** What the writer draws from. */
  readonly random: Random;
}

const namespaces = ['chaos-a', 'chaos-b', 'chaos-c', 'chaos-d'] as const;

/** Runs one phase from an empty control plane to a stopped subject. */
export async function runPhase(options: PhaseOptions): Promise<PhaseOutcome> {
  const directory = await mkdtemp(join(tmpdir(), 'chaos-'));
  const { assets, apiServerArgs, featureGates } = options;
  const certificates = await Certificates.create(directory);
  const controlPlane = new ControlPlane({
    assets,
    apiServerArgs,
    featureGates,
    servingCertificate: certificates.files,
  });
  try {
    await controlPlane.start();
    return await runOn(controlPlane, { ...options, directory, certificates });
  } finally {
    await controlPlane.stop();
  }
}

/** The phase on its control plane, which runs. */
async function runOn(
  controlPlane: ControlPlane,
  options: PhaseOptions & { readonly directory: string; readonly certificates: Certificates },
): Promise<PhaseOutcome> {
  const { directory, certificates } = options;
  const { server, ca, token } = controlPlane;
  const proxy = new Proxy({ host: '127.0.0.1', port: Number(new URL(server).port) });
  await proxy.listen();
  const api = new HttpApi({ server, ca, token });
  const access = new SubjectAccess({
    api,
    directory,
    ca: await certificates.ca(certificates.signer),
    server: `https://127.0.0.1:${proxy.port}`,
  });
  const { random, objects } = options;
  const writer = new Writer({ api, resources: chaosResources, namespaces, objects, random });
  const world: FaultWorld = { proxy, controlPlane, access, writer, certificates, api };
  try {
    await prepare(world);
    return await new Trial(options, world).run();
  } finally {
    await writer.quiesce();
    await proxy.close();
    api.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function prepare({ api, access, writer }: FaultWorld): Promise<void> {
  for (const name of namespaces) {
    const body = { metadata: { name } };
    await api.expect({ method: 'POST', path: '/api/v1/namespaces', body }, [409]);
  }
  await installCustomResource(api);
  await access.create();
  await writer.populate();
}
