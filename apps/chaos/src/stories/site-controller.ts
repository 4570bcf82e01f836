import type { KubeClient } from '@kubeloop/client';
import {
  Controller,
  enqueueMapped,
  enqueueSelf,
  InformerSource,
  ownerRequests,
} from '@kubeloop/controller';
import type { Request } from '@kubeloop/controller';
import { SharedInformerFactory } from '@kubeloop/informer';
import type { SharedInformerFactoryOptions } from '@kubeloop/informer';

import { SiteReconciler } from './site-reconciler.ts';
import { keys, pages, siteLabel, sites } from './sites.ts';
import type { Part } from './sites.ts';

/** What {@link runSiteController} needs. */
export interface SiteControllerOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** How the caches are read. */
  readonly reflector: NonNullable<SharedInformerFactoryOptions['reflector']>;
  readonly onError: NonNullable<SharedInformerFactoryOptions['onError']>;
  readonly signal: AbortSignal;
}

/** Runs a controller of sites, their pages and keys until the signal aborts; resolves when nothing of it is left. */
export async function runSiteController(options: SiteControllerOptions): Promise<void> {
  const { client, namespace, reflector, onError, signal } = options;
  const factory = new SharedInformerFactory(client, { namespace, reflector, onError });
  const siteInformer = factory.informerFor(sites);
  const pageInformer = factory.informerFor(pages);
  const keyInformer = factory.informerFor(keys);
  const reconciler = new SiteReconciler(client, namespace, {
    sites: siteInformer.lister.byNamespace(namespace),
    pages: pageInformer.lister.byNamespace(namespace),
  });
  const controller = new Controller({
    name: 'sites',
    maxConcurrentReconciles: 4,
    sources: [
      new InformerSource({ name: 'sites', informer: siteInformer, handler: enqueueSelf() }),
      new InformerSource({
        name: 'pages',
        informer: pageInformer,
        handler: enqueueMapped(labelled),
      }),
      new InformerSource({
        name: 'keys',
        informer: keyInformer,
        handler: enqueueMapped(ownerRequests(sites)),
      }),
    ],
    // What is made and deleted again between two lists shows in neither, so every site is looked at now and then.
    reconcile: async ({ name }, context) => {
      await reconciler.reconcile(name, context.signal);
      return { requeueAfterMs: 10_000 };
    },
  });
  factory.start({ signal });
  await controller.run({ signal });
  await factory.shutdown();
}

/** The site that a part names, for what has no owner: everything that is written is watched. */
function labelled({ metadata: { labels, namespace = '' } }: Part): Request[] {
  const name = labels?.[siteLabel];
  return name === undefined ? [] : [{ namespace, name }];
}
