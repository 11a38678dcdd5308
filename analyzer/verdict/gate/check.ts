// Defines a check of the gate: it compares figures of a run, and states the consequence if they contradict each other.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { ResourceUse } from '../limits/resource-use.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

export interface GateContext {
  run: LoadTestRun;
  steps: readonly JudgedStep[];
  uses: readonly ResourceUse[];
  policy: Policy;
}

type Consequence =
  /** No verdict until the missing fact is known. */
  | { kind: 'refused'; missing: { what: string; node: string } }
  /** No maximum: at least the throughput of the steps that are not in doubt. */
  | { kind: 'weakened'; steps: readonly JudgedStep[] }
  /** No maximum: at least the highest step that was sustained. */
  | { kind: 'bounded' }
  | { kind: 'warned' };

export interface Inconsistency {
  consequence: Consequence;
  /** Absent if another part of the analysis reports it. */
  finding?: Finding;
}

export const refused = (what: string, node: string, finding: Finding): Inconsistency => ({
  consequence: { kind: 'refused', missing: { what, node } },
  finding,
});

export const weakened = (steps: readonly JudgedStep[], finding?: Finding): Inconsistency => ({
  consequence: { kind: 'weakened', steps },
  ...(finding && { finding }),
});

export const bounded = (finding: Finding): Inconsistency => ({ consequence: { kind: 'bounded' }, finding });

export const warned = (finding: Finding): Inconsistency => ({ consequence: { kind: 'warned' }, finding });

export type Check = (context: GateContext) => readonly Inconsistency[];
