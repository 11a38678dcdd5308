// Prints what became of a request to control a reassignment.

import type { Controlled } from '../../app/change/reassign/control-change.ts';
import { exitOf } from '../../app/change/reassign/execute-plan.ts';
import { exitCodes } from '../../core/errors.ts';
import { executedText } from './plan-text.ts';
import { countsText } from './progress-view.ts';
import type { ReassignIo } from './reassign-options.ts';

/** @returns the exit code */
export function tellControlled(
  { options, stdout }: Pick<ReassignIo, 'options' | 'stdout'>,
  controlled: Controlled,
): number {
  if (controlled.kind !== 'requested') {
    stdout.write(options.json ? `${JSON.stringify(documentOf(controlled), undefined, 2)}\n` : textOf(controlled));
  }
  if (controlled.kind !== 'executed') return exitCodes.answered;
  return exitOf(controlled.executed, options.abort ? 'undone' : 'done');
}

type ControlOutcome = Exclude<Controlled, { kind: 'requested' }>;

function documentOf(controlled: ControlOutcome): object {
  switch (controlled.kind) {
    case 'cancelled':
      return { schemaVersion: 1, outcome: 'cancelled', undone: controlled.undone };
    case 'executed': {
      const { executed, startedAt } = controlled;
      const { checks, log } = executed.state;
      return { schemaVersion: 1, outcome: executed.result.kind, startedAt, state: executed.kept, checks, log };
    }
    case 'status': {
      const { state, path, progress, owner } = controlled;
      const { facts, ...journal } = state;
      return { isHeld: owner !== undefined, path, ...progress, ...facts, ...journal };
    }
  }
}

function textOf(controlled: ControlOutcome): string {
  switch (controlled.kind) {
    case 'cancelled':
      return 'Nothing moves and no throttle is set. Replicas that were moved stay where they are.\n';
    case 'executed':
      return executedText(controlled.executed);
    case 'status': {
      const { state, progress, owner } = controlled;
      const work = owner === undefined ? 'no process is running it' : `carried out by ${owner}`;
      return `${state.cluster}: going ${state.direction}, ${countsText(progress)}, ${progress.moving} move; ${work}; last: ${state.log.at(-1)?.says ?? 'not started'}\n`;
    }
  }
}
