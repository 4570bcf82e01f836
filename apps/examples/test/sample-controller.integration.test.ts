import { onControlPlane } from './cluster.ts';
import { describesSampleController, example } from './sample-controller-behaviour.ts';

describesSampleController((context) => onControlPlane(context, example));
