import type { UserWorkspaceConfig } from 'vitest/config';
import { unitProject } from '../../scripts/vitest-project.ts';

// Without the condition `module`: the API of OpenTelemetry keeps files for bundlers under it, which Node cannot load.
const conditions = ['@kubeloop/source', 'node', 'development|production'];

const project: UserWorkspaceConfig = {
  ...unitProject('controller'),
  ssr: { resolve: { conditions } },
};

export default project;
