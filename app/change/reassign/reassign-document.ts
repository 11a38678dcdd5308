// Builds the document of `plimsoll ops kafka reassign --json`.

import { reassignSchemaVersion, type ReassignDocument } from '../../../core/documents/reassignment.ts';
import type { Executed } from './execute-plan.ts';
import type { MadePlan } from './made-plan.ts';

/** @param notice in the requested language */
export function reassignDocument(
  { plan, findings }: MadePlan,
  { notice, notices }: { notice?: string | undefined; notices: { en: string; zh: string } },
  executed?: Executed,
): ReassignDocument {
  const { slack: _, ...shownPlan } = plan;
  return {
    schemaVersion: reassignSchemaVersion,
    ...shownPlan,
    findings,
    ...(notice !== undefined && { notice }),
    notices,
    ...(executed && { executed: outcomeOf(executed) }),
  };
}

/** How the change ended. */
export function outcomeOf({ state, kept }: Executed): NonNullable<ReassignDocument['executed']> {
  const status = state.status === 'running' ? 'paused' : state.status;
  return { status, startedAt: state.startedAt, state: kept, checks: state.checks, log: state.log };
}
