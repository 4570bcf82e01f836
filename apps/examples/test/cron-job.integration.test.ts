import { onControlPlane } from './cluster.ts';
import { describesCronJobs, example } from './cron-job-behaviour.ts';

describesCronJobs((context) => onControlPlane(context, example));
