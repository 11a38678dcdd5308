// Names the highest rate that a load test held for the confirmation time within every policy limit.

import type { GroupCapacity, HeldRate } from '../../../core/documents/analysis.ts';
import type { Evidence } from '../evidence.ts';
import type { Gate } from '../gate/gate.ts';
import type { LoadTestRun, Span } from '../../evidence/load-test-run.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { nodeText } from '../../../core/text/quantity-text.ts';
import { gapsOf, heldSteps } from '../safe-max.ts';
import { confirmedSoak } from '../limits/search-verdict.ts';
import { within } from './settled-window.ts';
import type { JudgedStep } from './step-verdict.ts';

export interface Held {
  rate: HeldRate;
  step: JudgedStep;
}

/** @returns undefined where no step was held so long, or the figures of those that were contradict each other */
export function heldRate(run: LoadTestRun, evidence: Evidence, gate: Pick<Gate, 'isSound'>): Held | undefined {
  const soak = confirmedSoak(run, evidence);
  const steps = [...heldSteps(evidence), ...(soak ? [soak] : [])].filter((step) => gate.isSound(step));
  const [step] = steps.toSorted((a, b) => b.step.tps - a.step.tps);
  if (step === undefined) return undefined;
  return { step, rate: heldRateOf(run, evidence, { tps: step.step.tps, ...step.step.recorded }) };
}

/** @param held seconds of the run */
export function heldRateOf(run: LoadTestRun, evidence: Evidence, { tps, from, to }: Span & { tps: number }): HeldRate {
  const { startedAt } = run.document;
  return {
    tps,
    seconds: to - from,
    confirmationSeconds: evidence.policy.confirmationSeconds.value,
    ...(startedAt !== undefined && { endedAt: new Date(Date.parse(startedAt) + to * 1000).toISOString() }),
    unmonitored: unmonitoredOf(run, evidence),
  };
}

/** @returns what of the brokers' machines could not be compared with the policy */
function unmonitoredOf(run: LoadTestRun, evidence: Pick<Evidence, 'unknown'>): string[] {
  const { brokers } = run.document.environment;
  const without = brokers.filter(({ host }) => host === undefined || !run.hosts.has(host));
  return [
    // Files without host metrics name no broker.
    ...(brokers.length === 0 ? ['hosts of the brokers'] : []),
    ...without.map(({ id }) => `host of ${nodeText(id)}`),
    ...new Set(gapsOf(evidence).map(({ resource, node }) => limitText({ resource, node }))),
  ];
}

/** A group that kept up with a step can read at least what it read in it. */
export function groupsThatKeptUp({ consumed, produced }: LoadTestRun, { step }: JudgedStep): GroupCapacity[] {
  const held = step.recorded.to - step.recorded.from;
  const seconds = step.window.to - step.window.from;
  const sent = within(produced, step.window).reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const byGroup = Map.groupBy(within(consumed, step.window), ({ group }) => group);
  return [...byGroup].flatMap(([group, lines]): GroupCapacity[] => {
    const messages = lines.reduce((sum, line) => sum + line.messages, 0);
    if (!(messages > 0) || !(sent > 0)) return [];
    const tps = messages / seconds;
    return [
      {
        kind: 'at-least',
        group,
        tps,
        interval: { low: tps, confidence: 1 },
        episodes: 0,
        share: messages / sent,
        seconds: held,
      },
    ];
  });
}
