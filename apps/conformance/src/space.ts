import { nameOf } from './answer.ts';
import type { ApiTarget } from './target.ts';

/** A namespace of a test's own, which is deleted at its end. */
export class Space implements AsyncDisposable {
  /** The namespace's name. */
  readonly name: string;
  /** The path of the namespace itself. */
  readonly path: string;
  /** The path of its config maps, the kind that most tests use: it has no controller and few rules. */
  readonly configMaps: string;
  /** The path of its deployments. */
  readonly deployments: string;
  readonly #target: ApiTarget;

  private constructor(target: ApiTarget, name: string) {
    this.#target = target;
    this.name = name;
    this.path = `/api/v1/namespaces/${name}`;
    this.configMaps = `${this.path}/configmaps`;
    this.deployments = `/apis/apps/v1/namespaces/${name}/deployments`;
  }

  /** Creates the namespace. */
  static async create(target: ApiTarget): Promise<Space> {
    const answer = await target.post('/api/v1/namespaces', {
      metadata: { generateName: 'contract-' },
    });
    return new Space(target, nameOf(answer.object));
  }

  /** Takes the finalizers off its config maps and deletes the namespace, without waiting for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { list } = await this.#target.get(this.configMaps);
    for (const { metadata } of list.items) {
      if (metadata.finalizers === undefined) continue;
      const patch = { metadata: { finalizers: null } };
      await this.#target.patch(`${this.configMaps}/${metadata.name}`, 'merge', patch);
    }
    await this.#target.delete(this.path);
  }
}
