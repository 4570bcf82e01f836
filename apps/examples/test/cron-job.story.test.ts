import { describesCronJobs, example } from './cron-job-behaviour.ts';
import { inProcess } from './cluster.ts';

describesCronJobs(() => inProcess(example));
