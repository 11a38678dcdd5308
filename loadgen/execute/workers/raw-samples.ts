// Writes every latency sample to PLIMSOLL_RAW_SAMPLES=FOLDER, to validate the histograms.

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { LatencyRecorder } from '../../record/latency.ts';

/**
 * Writes one file NAME-PROCESS-THREAD.f64 per thread: seconds as little-endian doubles, 8 bytes per sample. It writes
 * each time the histogram is taken, so use it for a check and not for a long run.
 *
 * @returns the given recorder if the environment does not name a folder
 */
export function keepRawSamples(recorder: LatencyRecorder, name: string): LatencyRecorder {
  const folder = process.env['PLIMSOLL_RAW_SAMPLES'];
  if (folder === undefined || folder === '') return recorder;
  const file = join(folder, `${name}-${process.pid}-${threadId}.f64`);
  let samples: number[] = [];
  return {
    record(elapsed) {
      samples.push(elapsed);
      recorder.record(elapsed);
    },
    take() {
      appendFileSync(file, new Uint8Array(Float64Array.from(samples).buffer));
      samples = [];
      return recorder.take();
    },
  };
}
