// Reports on a closed loop: Little's law, and which side ended the growth. It never gives a maximum.

import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { littleGap, requestsInFlight } from '../fit/laws/little.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { percentText, quantityText, rateText } from '../../../core/text/quantity-text.ts';
import { closedLoopScaling } from '../fit/closed-loop-scaling.ts';
import { generatorNode, utilisation } from '../limits/resource-use.ts';
import type { Evidence } from '../evidence.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

interface Level {
  senders: number;
  tps: number;
  latencySeconds: number;
  judged: JudgedStep;
}

/** Of ln(rate) over ln(senders) between the two largest levels: above the first the rate grows as senders do, below the second not. */
const growing = 0.8;
const flat = 0.2;

/** Answers and sends at the edges of a step are in one of the two figures only. */
const littleTolerance = 0.1;

export function closedLoopFindings(evidence: Evidence): Finding[] {
  const levels = evidence.steps
    .flatMap((judged): Level[] => {
      const { lanes, latencyMeanSeconds } = judged.step.recorded;
      const { tps } = judged.step;
      return lanes === undefined || latencyMeanSeconds === undefined || tps === 0
        ? []
        : [{ senders: lanes, tps, latencySeconds: latencyMeanSeconds, judged }];
    })
    .toSorted((a, b) => a.senders - b.senders);
  if (levels.length === 0)
    return evidence.steps.some(({ step }) => step.recorded.lanes !== undefined) ? [tooShort] : [];
  return [sidesOf(levels, evidence), ...closedLoopScaling(levels), ...littleFinding(levels)];
}

const tooShort: Finding = {
  severity: 'warning',
  code: 'closed-loop',
  message:
    'A closed loop sends only as fast as answers return, so it has no target rate and gives no maximum. Its steps were too short to show whether broker or client was the limit.',
  evidence: [],
};

function sidesOf(levels: readonly Level[], evidence: Evidence): Finding {
  return {
    severity: 'info',
    code: 'closed-loop',
    message: [
      `A closed loop sends what comes back, so no rate was held and none is named as a maximum. ${limitWords(levels, evidence)}`,
      ...levels.map(
        ({ senders, tps, latencySeconds }) =>
          `${quantityText(senders)} senders: ${rateText(tps)} × ${durationText(latencySeconds)} = ${quantityText(requestsInFlight(tps, latencySeconds))} under way`,
      ),
    ].join('\n'),
    evidence: levels.flatMap(({ senders, tps, latencySeconds }) => [
      { name: `rate of ${senders} senders`, value: tps, unit: 'messages/s', source: 'journal.ndjson' },
      { name: `mean latency of ${senders} senders`, value: latencySeconds, unit: 's', source: 'journal.ndjson' },
    ]),
  };
}

function limitWords(levels: readonly Level[], evidence: Evidence): string {
  const [before, last] = levels.slice(-2);
  if (before === undefined || last === undefined || before.senders === last.senders) {
    return 'One number of senders does not show which side was the limit: test several.';
  }
  const elasticity = Math.log(last.tps / before.tps) / Math.log(last.senders / before.senders);
  const grew = `From ${quantityText(before.senders)} to ${quantityText(last.senders)} senders the rate ${changeText(last.tps / before.tps)} and the latency ${changeText(last.latencySeconds / before.latencySeconds)}`;
  if (elasticity > growing) return `${grew}: the test was too small to find a limit, more senders get more.`;
  const own = generatorWords(last, evidence);
  if (own !== undefined) return `${grew}, and ${own}: the load generator was the limit.`;
  const full = evidence.resources.flatMap((each) => {
    const share = utilisation(each, evidence.steps.indexOf(last.judged)) ?? 0;
    const isFull = each.node !== generatorNode && share >= evidence.policy.saturation[each.kind].value;
    return isFull ? [`${limitText(each)} was at ${percentText(share)}`] : [];
  });
  const named = full.length === 0 ? 'no resource that was measured was full' : full.join(' and ');
  if (elasticity < flat) return `${grew}: broker or link were the limit, more senders only wait longer; ${named}.`;
  return `${grew}: the limit is near, and not reached.`;
}

function generatorWords({ judged: { step } }: Level, { policy: { generator } }: Evidence): string | undefined {
  const { eventLoopUtilisation, threadCpu } = step.generator;
  if (eventLoopUtilisation > generator.eventLoopUtilisation.value) {
    return `the event loop of a worker was ${percentText(eventLoopUtilisation)} busy`;
  }
  return threadCpu > generator.threadCpu.value ? `a worker thread used ${percentText(threadCpu)} of a core` : undefined;
}

function littleFinding(levels: readonly Level[]): Finding[] {
  const off = levels.filter(
    ({ senders, tps, latencySeconds }) =>
      Math.abs(littleGap({ workers: senders, rate: tps, latencySeconds })) > littleTolerance,
  );
  if (off.length === 0) return [];
  const inFlight = off.map(({ senders, tps, latencySeconds }) => ({
    senders,
    inFlight: requestsInFlight(tps, latencySeconds),
  }));
  return [findingOf('littles-law', { tolerance: littleTolerance, levels: inFlight })];
}

const changeText = (ratio: number) => `${ratio < 1 ? 'fell' : 'grew'} by ${percentText(Math.abs(ratio - 1))}`;
