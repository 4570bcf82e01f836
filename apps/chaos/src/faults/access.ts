import { setTimeout as sleep } from 'node:timers/promises';

import { untilShown } from '../shown-certificate.ts';
import type { Fault } from './fault.ts';

/** Faults of who the subject is and whom it trusts. */
export const accessFaults: readonly Fault[] = [
  {
    name: 'rbac-removed',
    description:
      'The subject may not read any more, its connections are reset, and then it may again',
    weight: 5,
    async run({ access, proxy }, { durationMs }) {
      await access.revoke();
      proxy.cut('reset');
      await sleep(durationMs);
      await access.grant();
    },
  },
  {
    name: 'token-replaced',
    description:
      "The subject's token becomes worthless and another one takes its place in the file",
    weight: 4,
    async run({ access, proxy }, { durationMs }) {
      await access.rotateToken();
      proxy.cut('reset');
      await sleep(durationMs);
    },
  },
  {
    name: 'token-replaced-restart',
    description: 'The same, and the server forgets at once that it knew the old one',
    weight: 2,
    async run({ access, controlPlane }) {
      await access.rotateToken();
      await controlPlane.kill('kube-apiserver', 'SIGKILL');
      await controlPlane.restartApiServer();
    },
  },
  {
    name: 'certificate-replaced',
    description:
      'The server shows a new certificate of the same authority, and connections are reset',
    weight: 3,
    async run({ certificates, controlPlane, proxy }) {
      await untilShown(controlPlane.server, await certificates.issue(certificates.signer));
      proxy.cut('reset');
    },
  },
  {
    name: 'authority-replaced',
    description:
      'The server shows a certificate of another authority, which the file of authorities has just got',
    weight: 2,
    async run({ access, certificates, controlPlane, proxy }) {
      const next = certificates.signer === 'first' ? 'second' : 'first';
      await access.trust(await certificates.ca(next));
      await untilShown(controlPlane.server, await certificates.issue(next));
      proxy.cut('reset');
    },
  },
];
