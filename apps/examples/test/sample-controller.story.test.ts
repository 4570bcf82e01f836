import { inProcess } from './cluster.ts';
import { describesSampleController, example } from './sample-controller-behaviour.ts';

describesSampleController(() => inProcess(example));
