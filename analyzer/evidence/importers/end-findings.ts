// Reports how a run ended, unless it completed as planned.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { LoadTestRun } from '../load-test-run.ts';

export function endFindings(status: LoadTestRun['status'], reason: string | undefined, seconds: number): Finding[] {
  if (status === 'completed') return [];
  return [
    status === 'interrupted'
      ? findingOf('run-interrupted', { seconds })
      : findingOf(`run-${status}`, { seconds, reason }),
  ];
}
