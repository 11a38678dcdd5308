// Saves recorded readings once a minute, so that a restart loses no more.

import { faultAs } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import type { Job } from '../schedule/schedule.ts';
import type { ReadingsRecorder } from './recorder.ts';
import type { ReadingsFile } from './readings-file.ts';

const every = seconds(60);

export function createSavingJob(recorder: Pick<ReadingsRecorder, 'save'>, file: ReadingsFile): Job {
  return {
    name: 'save-readings',
    every,
    isLight: true,
    isOfEachInstance: true,
    async run() {
      await recorder.save(file).catch(faultAs('ledger-unwritable', 'cannot save recorded readings'));
      return undefined;
    },
  };
}
