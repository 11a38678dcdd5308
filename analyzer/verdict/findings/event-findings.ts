// Reports events of a run: the guard, resumptions, lost workers, drains and changed rates.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { targetTpsOf } from '../steps/measured-step.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { countText, rateText } from '../../../core/text/quantity-text.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

const source = 'journal.ndjson';

export function eventFindings(run: LoadTestRun, steps: readonly JudgedStep[], policy: Policy): Finding[] {
  return [
    ...guardFindings(run),
    ...resumedFindings(run),
    ...lostWorkerFindings(run),
    ...droppedFinding(run),
    ...drainFindings(run),
    ...changingRateFinding(steps, policy),
  ];
}

function guardFindings({ events }: LoadTestRun): Finding[] {
  return events.guard.map(({ elapsedSeconds, input, reason, value, limit, ends }) => ({
    severity: 'warning',
    code: 'guard-intervened',
    message: `The guard took the load back after ${durationText(elapsedSeconds)} and ended the ${ends}: ${reason}.`,
    evidence: [
      ...(value === undefined ? [] : [{ name: input, value, unit: 'as the input counts', source }]),
      ...(limit === undefined
        ? []
        : [{ name: 'limit', value: limit, unit: 'as the input counts', source: 'the guard of the run' }]),
    ],
  }));
}

function resumedFindings({ events }: LoadTestRun): Finding[] {
  return events.resumed.map(({ attempt, elapsedSeconds }) => ({
    severity: 'warning',
    code: 'run-resumed',
    message: `The run was cut off and resumed (attempt ${attempt}) at ${durationText(elapsedSeconds)} of its clock, which was paused meanwhile. The interrupted step was repeated; its first measurement is left out.`,
    evidence: [{ name: 'resumed', value: elapsedSeconds, unit: 's', source }],
  }));
}

function lostWorkerFindings({ events }: LoadTestRun): Finding[] {
  return events.lostWorkers.map(({ worker, reason, elapsedSeconds, share }) => ({
    severity: 'warning',
    code: 'worker-lost',
    message: `Worker ${worker} ended by itself after ${durationText(elapsedSeconds)}${reason === undefined ? '' : ` (${reason})`}: ${
      share === 'moved' ? 'the others went on with its share' : 'its share was not sent, so that step is no evidence'
    }.`,
    evidence: [{ name: 'lost', value: worker, unit: 'worker', source }],
  }));
}

function droppedFinding({ events: { droppedMessages } }: LoadTestRun): Finding[] {
  if (droppedMessages === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'messages-dropped',
      message: `The load generator gave up ${countText(droppedMessages)} messages because it could not send them in time; they count as failed.`,
      evidence: [{ name: 'dropped', value: droppedMessages, unit: 'messages', source }],
    },
  ];
}

/** Consumers that were paused as planned; not between trials of a search. */
function drainFindings({ events: { settled, trials }, steps, produced }: LoadTestRun): Finding[] {
  if (trials.length > 0 || !steps.some(({ hasBacklog }) => hasBacklog)) return [];
  return settled
    .filter(({ waitedSeconds }) => waitedSeconds > 0)
    .map(({ elapsedSeconds, waitedSeconds, drainedMessages, lagMessages }) => {
      const from = elapsedSeconds - waitedSeconds;
      const meanwhile = produced.reduce(
        (sum, line) => sum + line.acknowledged * overlap(line, from, elapsedSeconds),
        0,
      );
      const drain = drainedMessages / waitedSeconds;
      const load = meanwhile / waitedSeconds;
      const left = lagMessages === 0 ? '' : ` ${countText(lagMessages)} were still left.`;
      return {
        severity: 'info',
        code: 'drained',
        message: `After their pause consumers read ${countText(drainedMessages)} messages in ${durationText(waitedSeconds)}: at least ${rateText(drain)}, while ${rateText(load)} were produced.${left}`,
        evidence: [
          { name: 'drain rate', value: drain, unit: 'messages/s', source: `${source}, to the next full second` },
          { name: 'produced meanwhile', value: load, unit: 'messages/s', source },
          { name: 'left', value: lagMessages, unit: 'messages', source },
        ],
      };
    });
}

function overlap({ from, to }: { from: number; to: number }, start: number, end: number): number {
  return Math.max(0, Math.min(to, end) - Math.max(from, start)) / (to - from);
}

function changingRateFinding(steps: readonly JudgedStep[], { step: { achievedShare } }: Policy): Finding[] {
  const changing = steps.filter(({ verdict }) => verdict.kind === 'not-judged' && verdict.reason === 'changing-rate');
  if (changing.length === 0) return [];
  const highest = changing.reduce((best, each) => (each.step.tps > best.step.tps ? each : best));
  const missed = changing
    .filter(({ step }) => step.tps < achievedShare.value * step.intendedTps)
    .toSorted((a, b) => targetTpsOf(a.step) - targetTpsOf(b.step))[0];
  const kept =
    missed === undefined
      ? 'The target rate was achieved'
      : `At ${rateText(missed.step.intendedTps)} only ${rateText(missed.step.tps)} were achieved`;
  return [
    {
      severity: missed === undefined ? 'info' : 'warning',
      code: 'changing-rate',
      message: `The rate rose or fell within ${changing.length} of ${steps.length} steps, so they are not judged by themselves and in no fit. ${kept}; the highest mean of such a step was ${rateText(highest.step.tps)}.`,
      evidence: [{ name: 'highest mean', value: highest.step.tps, unit: 'messages/s', source }],
    },
  ];
}
