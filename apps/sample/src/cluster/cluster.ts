import type { KubeClient } from '@kubeloop/client';
import type { SimulatorOptions } from '../simulator/simulator.ts';

/** Where the sample runs, prepared for it: the CRD is served and there is a namespace of its own. */
export interface Cluster {
  /** What to call it. */
  readonly title: string;
  readonly client: KubeClient;
  /** The namespace that was made for the story. */
  readonly namespace: string;
  /** Whether it belongs to somebody else, so that the sample may look at its own namespace only. */
  readonly isReal: boolean;
  /** What has to be played, because the cluster lacks it. */
  readonly plays: SimulatorOptions['plays'] | 'nothing';
  /** Removes what was made and closes the connections. WebApps must be gone before. */
  close(): Promise<void>;
}
