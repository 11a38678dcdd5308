// Reports on a closed loop: Little's law, and which side limited the growth. A closed loop never gives a maximum.

import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { Level, LoopSide } from '../../../core/documents/findings/closed-loop-findings.ts';
import { closedLoopScaling } from '../fit/closed-loop-scaling.ts';
import { generatorNode, utilisation } from '../limits/resource-use.ts';
import type { Evidence } from '../evidence.ts';
import { fullGenerator, type JudgedStep } from '../steps/step-verdict.ts';

interface JudgedLevel extends Level {
  judged: JudgedStep;
}

/**
 * Slope of ln(rate) over ln(senders) between the two largest levels: above the first the rate grows with senders, below
 * the second not.
 */
const growing = 0.8;
const flat = 0.2;

/** Responses and sends at the edges of a step count in only one of the two figures. */
const littleTolerance = 0.1;

export function closedLoopFindings(evidence: Evidence): Finding[] {
  const levels = evidence.steps
    .flatMap((judged): JudgedLevel[] => {
      const { lanes, latencyMeanSeconds } = judged.step.recorded;
      const { tps } = judged.step;
      return lanes === undefined || latencyMeanSeconds === undefined || tps === 0
        ? []
        : [{ senders: lanes, tps, latencySeconds: latencyMeanSeconds, judged }];
    })
    .toSorted((a, b) => a.senders - b.senders);
  if (levels.length === 0) {
    const isLoop = evidence.steps.some(({ step }) => step.recorded.lanes !== undefined);
    return isLoop ? [findingOf('closed-loop', { basis: 'too-short' })] : [];
  }
  const loop = findingOf('closed-loop', { basis: 'steps', levels, side: sideOf(levels, evidence) });
  return [loop, ...closedLoopScaling(levels), ...littleFinding(levels)];
}

/** @returns which side limited the growth */
function sideOf(levels: readonly JudgedLevel[], evidence: Evidence): LoopSide {
  const [before, last] = levels.slice(-2);
  if (before === undefined || last === undefined || before.senders === last.senders) return { kind: 'unknown' };
  const elasticity = Math.log(last.tps / before.tps) / Math.log(last.senders / before.senders);
  if (elasticity > growing) return { kind: 'growing', before, last };
  const own = fullGenerator(last.judged.step, evidence.policy);
  if (own !== undefined) return { kind: 'generator', before, last, by: own.by, share: own.share };
  if (elasticity >= flat) return { kind: 'near', before, last };
  const full = evidence.resources.flatMap(({ resource, node, kind, ...use }) => {
    const share = utilisation(use, evidence.steps.indexOf(last.judged)) ?? 0;
    const isFull = node !== generatorNode && share >= evidence.policy.saturation[kind].value;
    return isFull ? [{ limit: { resource, node }, share }] : [];
  });
  return { kind: 'cluster', before, last, full };
}

/** With fewer messages in flight than senders, some senders did not wait for a response; with more, a figure counts too much. */
function littleFinding(levels: readonly JudgedLevel[]): Finding[] {
  const off = levels
    .map(({ senders, tps, latencySeconds }) => ({ senders, inFlight: tps * latencySeconds }))
    .filter(({ senders, inFlight }) => Math.abs(inFlight / senders - 1) > littleTolerance);
  return off.length === 0 ? [] : [findingOf('littles-law', { tolerance: littleTolerance, levels: off })];
}
