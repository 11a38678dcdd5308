// Names the highest rate that a load test sustained for the confirmation time within every policy limit.

import type { GroupCapacity, HeldRate } from '../../../core/documents/analysis.ts';
import type { Evidence } from '../evidence.ts';
import type { Gate } from '../gate/gate.ts';
import type { LoadTestRun, Span } from '../../evidence/load-test-run.ts';
import { defined } from '../../../core/defined.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { nodeText } from '../../../core/text/quantity-text.ts';
import { mean } from '../../../core/statistics/statistics.ts';
import { wallTimeOf } from '../../evidence/wall-time.ts';
import { hasCopies, showsCopies } from './copy-lag.ts';
import { gapsOf, heldSteps } from '../safe-max.ts';
import { holesOf, knownInBoth, ratesOf, within } from './settled-window.ts';
import { lengthOf } from './measured-step.ts';
import type { JudgedStep } from './step-verdict.ts';

/** @returns undefined if no step was sustained that long, or the figures of those steps contradict each other */
export function heldRate(run: LoadTestRun, evidence: Evidence, gate: Pick<Gate, 'isSound'>) {
  const [step] = heldSteps(evidence)
    .filter((judged) => gate.isSound(judged))
    .toSorted((a, b) => b.step.tps - a.step.tps);
  if (step === undefined) return undefined;
  const { recorded, tps } = step.step;
  const rate = heldRateOf(run, evidence, { tps, ...recorded });
  const copies = hasCopies(run) && !showsCopies(run, recorded) ? ['in-sync replicas'] : [];
  return { step, rate: { ...rate, unmonitored: [...rate.unmonitored, ...copies] } };
}

/** @param held the rate, and its span in seconds of the run */
export function heldRateOf(run: LoadTestRun, evidence: Evidence, { tps, ...span }: Span & { tps: number }): HeldRate {
  return {
    tps,
    seconds: lengthOf(span),
    confirmationSeconds: evidence.policy.confirmationSeconds.value,
    ...defined({ endedAt: wallTimeOf(run, span.to) }),
    unmonitored: unmonitoredOf(run, evidence),
  };
}

/** @returns broker resources that could not be compared with the policy */
function unmonitoredOf(run: LoadTestRun, evidence: Pick<Evidence, 'unknown'>): string[] {
  const { brokers } = run.document.environment;
  const without = brokers.filter(({ host }) => host === undefined || !run.hosts.has(host));
  return [
    // Files without host metrics name no brokers.
    ...(brokers.length === 0 ? ['hosts of the brokers'] : []),
    ...without.map(({ id }) => `host of ${nodeText(id)}`),
    ...new Set(gapsOf(evidence).map(({ resource, node }) => limitText({ resource, node }))),
  ];
}

/** A group that kept up in a step can read at least its rate in that step; samples without its figures are ignored. */
export function groupsThatKeptUp({ consumed, produced }: LoadTestRun, { step }: JudgedStep): GroupCapacity[] {
  const { window, sampleSeconds, recorded } = step;
  const sampled = { ...window, sampleSeconds };
  const sent = ratesOf(within(produced, window), sampled, ({ acknowledged }) => acknowledged);
  return [...Map.groupBy(consumed, ({ group }) => group)].flatMap(([group, lines]): GroupCapacity[] => {
    const taken = ratesOf(within(lines, window), sampled, ({ messages }) => messages, holesOf(lines));
    const both = knownInBoth(taken, sent);
    const tps = mean(both.map(([messages]) => messages));
    const sentTps = mean(both.map(([, messages]) => messages));
    if (!(tps > 0) || !(sentTps > 0)) return [];
    return [
      {
        kind: 'at-least',
        group,
        tps,
        interval: { low: tps, confidence: 1 },
        episodes: 0,
        share: tps / sentTps,
        seconds: recorded.to - recorded.from,
      },
    ];
  });
}
