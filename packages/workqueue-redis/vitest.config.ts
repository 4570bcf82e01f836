import { unitProject } from '../../scripts/vitest-project.ts';

export default unitProject('workqueue-redis');
