import { buildGoProgram } from '@kubeloop/control-plane';
import { recordQueues, recorderProgram } from './recorder.ts';
import { recordingsFolder } from './recording.ts';

const built = await buildGoProgram(recorderProgram);
if ('missing' in built) throw new Error(`Cannot record: ${built.missing}`);
await recordQueues({ program: built.path, folder: recordingsFolder });
console.log(`Recorded into ${recordingsFolder}`);
