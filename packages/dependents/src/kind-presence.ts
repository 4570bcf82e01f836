import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import { customResourceDefinitions } from '@kubeloop/client';
import type { SharedInformer } from '@kubeloop/informer';
import type { DependentsHost } from './host.ts';

/** What is read of a definition. */
interface Definition extends ObjectLike {
  readonly spec?: {
    readonly versions?: readonly { readonly name: string; readonly served: boolean }[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null;
  };
}

/** Knows whether a custom resource is installed, by a watch of the one definition. */
export class KindPresence {
  readonly #resource: Resource<ObjectLike>;
  /** Tells of the definition. */
  readonly informer: SharedInformer<Definition>;

  constructor(host: DependentsHost, resource: Resource<ObjectLike>) {
    this.#resource = resource;
    const fieldSelector = `metadata.name=${resource.name}`;
    this.informer = host.informerFor<Definition>(customResourceDefinitions, { fieldSelector });
  }

  /** Whether it is served, as far as is known. */
  get isServed(): boolean {
    const { name, version } = this.#resource;
    const { spec, status } = this.informer.indexer.getByKey(name) ?? {};
    const isServed = spec?.versions?.some((each) => each.name === version && each.served) ?? false;
    return (
      isServed &&
      Boolean(
        status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True'),
      )
    );
  }

  /** The same, once the definition could have been seen. */
  async waitForAnswer(signal: AbortSignal | undefined): Promise<boolean> {
    await this.informer.waitForSync({ signal });
    return this.isServed;
  }
}
