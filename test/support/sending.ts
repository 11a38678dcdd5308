// Completes the sending options of a workload file, as a plan does.

import { completeWorkload, sendingOptionsOf, WorkloadFile } from '../../loadgen/plan/workload.ts';

/** @param written keys as in the file */
export const sendingOf = (written: Record<string, unknown> = {}) =>
  sendingOptionsOf(completeWorkload(WorkloadFile.parse({ messageSize: '100B', ...written }), { rates: [1] }));
