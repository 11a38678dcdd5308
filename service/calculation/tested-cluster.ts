// Finds the newest load test of a whole cluster with a readable run, and applies a what-if to it.

import { isAbsolute } from 'node:path';
import type { Policy } from '../../core/policy/policy.ts';
import type { Alternative } from '../../analyzer/planning/what-if/alternative.ts';
import type { WhatIf } from '../../analyzer/planning/what-if/what-if.ts';
import { AppError } from '../../core/errors.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import type { History } from '../history/history.ts';
import { isWhole } from '../status/verdict-in-force.ts';
import type { Calculator } from './calculator.ts';

/** Limit of tests searched for one with a readable run. */
const mostTests = 20;

export type TestEntry = Extract<HistoryEntry, { kind: 'test' }>;

export interface CarryingParts {
  history: Pick<History, 'entries'>;
  calculator: Pick<Calculator, 'ask'>;
  policy: Policy;
}

/**
 * @returns undefined if no run of a load test can be read; otherwise answers in the order of the alternatives
 * @throws AppError usage for an impossible change, service-busy, calculation-too-long
 */
export async function carryOver(
  cluster: string,
  alternatives: readonly Alternative[],
  { history, calculator, policy }: CarryingParts,
  signal: AbortSignal,
): Promise<{ test: TestEntry; answers: readonly WhatIf[] } | undefined> {
  for (const test of history.entries({ cluster, kinds: ['test'], limit: mostTests })) {
    // Checked, because `plimsoll history add --evidence` accepts any text.
    if (test.kind !== 'test' || !isWhole(test) || !isAbsolute(test.evidence ?? '')) continue;
    try {
      const question = { kind: 'what-if', run: test.evidence ?? '', policy, alternatives } as const;
      return { test, answers: await calculator.ask(question, { signal }) };
    } catch (cause) {
      if (!isOfRun(cause)) throw cause;
    }
  }
  return undefined;
}

/** A missing or damaged run, after which an older one is tried. */
const isOfRun = (cause: unknown) => cause instanceof AppError && cause.code.startsWith('run-');
