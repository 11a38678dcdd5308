// Reports events of a run: the guard, resumptions, lost workers, drains and changed rates.

import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { overlap } from '../../evidence/holes.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { lostBrokersOf } from '../../evidence/lost-brokers.ts';
import { targetTpsOf } from '../steps/measured-step.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

export function eventFindings(run: LoadTestRun, steps: readonly JudgedStep[], policy: Policy): Finding[] {
  const { guard, resumed, lostWorkers, droppedMessages } = run.events;
  return [
    ...guard.map(({ elapsedSeconds, input, reason, value, limit, ends }) =>
      findingOf('guard-intervened', { elapsedSeconds, input, reason, ends, ...defined({ value, limit }) }),
    ),
    ...resumed.map(({ attempt, elapsedSeconds }) => findingOf('run-resumed', { attempt, elapsedSeconds })),
    ...lostWorkers.map(({ worker, reason, elapsedSeconds, share }) =>
      findingOf('worker-lost', { worker, elapsedSeconds, reason, wasMoved: share === 'moved' }),
    ),
    ...lostBrokersOf(run).map((lost) => findingOf('broker-lost', lost)),
    ...(droppedMessages === 0 ? [] : [findingOf('messages-dropped', { messages: droppedMessages })]),
    ...drainFindings(run),
    ...changingRateFinding(steps, policy),
  ];
}

/** Reports planned pauses of consumers, except between trials of a search. */
function drainFindings({ events: { settled, trials }, steps, produced }: LoadTestRun): Finding[] {
  if (trials.length > 0 || !steps.some(({ hasBacklog }) => hasBacklog)) return [];
  return settled
    .filter(({ waitedSeconds }) => waitedSeconds > 0)
    .map(({ elapsedSeconds, waitedSeconds, drainedMessages, lagMessages }) => {
      const from = elapsedSeconds - waitedSeconds;
      const meanwhile = produced.reduce(
        (sum, line) => sum + line.acknowledged * (overlap(line, { from, to: elapsedSeconds }) / (line.to - line.from)),
        0,
      );
      return findingOf('drained', {
        messages: drainedMessages,
        seconds: waitedSeconds,
        drainTps: drainedMessages / waitedSeconds,
        producedTps: meanwhile / waitedSeconds,
        lagMessages,
      });
    });
}

function changingRateFinding(steps: readonly JudgedStep[], { step: { achievedShare } }: Policy): Finding[] {
  const changing = steps.filter(({ verdict }) => verdict.kind === 'not-judged' && verdict.reason === 'changing-rate');
  if (changing.length === 0) return [];
  const highest = changing.reduce((best, each) => (each.step.tps > best.step.tps ? each : best));
  const missed = changing
    .filter(({ step }) => step.tps < achievedShare.value * step.intendedTps)
    .toSorted((a, b) => targetTpsOf(a.step) - targetTpsOf(b.step))[0];
  return [
    findingOf('changing-rate', {
      changing: changing.length,
      steps: steps.length,
      highestTps: highest.step.tps,
      ...(missed && { missed: { targetTps: missed.step.intendedTps, tps: missed.step.tps } }),
    }),
  ];
}
