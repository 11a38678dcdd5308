// States how a run ended where it did not end as planned.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { LoadTestRun } from '../load-test-run.ts';

export function endFindings(status: LoadTestRun['status'], reason: string | undefined, seconds: number): Finding[] {
  const evidence = [{ name: 'recorded', value: seconds, unit: 's', source: 'journal.ndjson' }];
  const because = reason === undefined ? '' : `: ${reason}`;
  switch (status) {
    case 'completed':
      return [];
    case 'aborted':
      return [
        {
          severity: 'warning',
          code: 'run-aborted',
          message: `The run was aborted${because}. What was recorded until then is judged.`,
          evidence,
        },
      ];
    case 'stopped':
      return [
        {
          severity: 'warning',
          code: 'run-stopped',
          message: `The guard stopped the run${because}. What was recorded until then is judged.`,
          evidence,
        },
      ];
    case 'failed':
      return [
        {
          severity: 'critical',
          code: 'run-failed',
          message: `The run failed${because}. What was recorded until then is judged.`,
          evidence,
        },
      ];
    case 'interrupted':
      return [
        {
          severity: 'warning',
          code: 'run-interrupted',
          message:
            'The journal ends without an end: the load generator was killed or its machine went down. At most its last second is lost.',
          evidence,
        },
      ];
  }
}
