import { fileURLToPath } from 'node:url';

import { buildGoProgram } from '@kubeloop/control-plane';
import { recordedSeed, recorderProgram, recordFuzz } from './recorder.ts';
import { recordingsFolder } from './recording.ts';

const built = await buildGoProgram(recorderProgram);
if ('missing' in built) throw new Error(`Cannot record: ${built.missing}`);
const folder = fileURLToPath(recordingsFolder);
await recordFuzz({ program: built.path, folder, seed: recordedSeed });
console.log(`Recorded into ${folder}`);
