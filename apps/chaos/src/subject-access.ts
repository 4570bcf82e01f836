import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { HttpApi } from './http-api.ts';
import { gadgets } from './subject-protocol.ts';

/** Where the subject's user lives. */
const namespace = 'chaos-access';
const account = 'subject';
const rbacPath = '/apis/rbac.authorization.k8s.io/v1';

/** What {@link SubjectAccess} needs. */
export interface SubjectAccessOptions {
  /** Requests as a user who may do everything. */
  readonly api: HttpApi;
  /** A folder for files. */
  readonly directory: string;
  /** The address that the subject is given. */
  readonly server: string;
  /** Authorities that the subject is to trust, PEM. */
  readonly ca: string;
}

/**
 * Who the subject is: a service account that may list and watch three resources, whose token an `exec` prints from a file.
 */
export class SubjectAccess {
  readonly #options: SubjectAccessOptions;

  constructor(options: SubjectAccessOptions) {
    this.#options = options;
  }

  /** Path of the kubeconfig. */
  get kubeconfig(): string {
    return join(this.#options.directory, 'subject.kubeconfig');
  }

  /** Path of the authorities. */
  get caFile(): string {
    return join(this.#options.directory, 'ca.crt');
  }

  get #credentialFile(): string {
    return join(this.#options.directory, 'credential.json');
  }

  /** Makes the account, its rights and the files. */
  async create(): Promise<void> {
    const { api } = this.#options;
    await post(api, '/api/v1/namespaces', { metadata: { name: namespace } });
    await post(api, `${rbacPath}/clusterroles`, {
      metadata: { name: 'chaos-subject' },
      rules: [
        { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [gadgets.group], resources: ['*'], verbs: ['get', 'list', 'watch'] },
      ],
    });
    await this.#makeAccount();
    await this.grant();
    await this.trust(this.#options.ca);
    await writeFile(this.kubeconfig, `${JSON.stringify(this.#config(), undefined, 2)}\n`);
  }

  /** Gives the account its rights. */
  async grant(): Promise<void> {
    await post(this.#options.api, `${rbacPath}/clusterrolebindings`, {
      metadata: { name: 'chaos-subject' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'chaos-subject',
      },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    });
  }

  /** Takes the account's rights away. Watches that are open go on: the server asks once. */
  async revoke(): Promise<void> {
    const path = `${rbacPath}/clusterrolebindings/chaos-subject`;
    await this.#options.api.expect({ method: 'DELETE', path }, [404]);
  }

  /** Makes the account anew, so that its old tokens are worth nothing, and puts a new token in the file. */
  async rotateToken(): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}`;
    await this.#options.api.expect({ method: 'DELETE', path }, [404]);
    await this.#makeAccount();
  }

  /** Puts other authorities in the file. */
  async trust(ca: string): Promise<void> {
    await replaceFile(this.caFile, ca);
  }

  async #makeAccount(): Promise<void> {
    const { api } = this.#options;
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await post(api, path, { metadata: { name: account } });
    const body = { spec: { expirationSeconds: 86_400 } };
    const answer = await api.expect({ method: 'POST', path: `${path}/${account}/token`, body });
    // The API server's own answer to a token request.
    const { token } = (answer as { readonly status: { readonly token: string } }).status;
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token },
    };
    await replaceFile(this.#credentialFile, JSON.stringify(credential));
  }

  #config(): unknown {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'cat',
      args: [this.#credentialFile],
      interactiveMode: 'Never',
    };
    const cluster = { server: this.#options.server, 'certificate-authority': this.caFile };
    return {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'chaos', cluster }],
      users: [{ name: 'subject', user: { exec } }],
      contexts: [{ name: 'chaos', context: { cluster: 'chaos', user: 'subject' } }],
      'current-context': 'chaos',
    };
  }
}

async function post(api: HttpApi, path: string, body: unknown): Promise<void> {
  await api.expect({ method: 'POST', path, body }, [409]);
}

/** By one rename, so that no reader sees half of it. */
async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
