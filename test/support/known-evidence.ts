// Advises on evidence from a forecast of the scheduled job and the analysis of a load test of three brokers.

import { expect } from 'vitest';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import { evidenceAdviceOf } from '../../app/planning/evidence-advice.ts';
import { worstLoss } from '../../app/planning/windows.ts';
import { EvidenceAdvice } from '../../core/documents/evidence-advice.ts';
import { forecastOfLoad } from '../../service/calculation/production-answers.ts';
import { examplePolicy } from './example-policy.ts';
import { madeLoad, madeStart } from './made-history.ts';
import { placedRun } from './placed-run.ts';

const hour = 3_600_000;
const days = 70;
const policy = examplePolicy();

/** Of Kafka: the card of broker 3 is half as fast, and each leads a third. */
export const threeBrokers = analyzeRun(
  placedRun({
    broker: 'kafka',
    cards: { '1': 6.25e6, '2': 6.25e6, '3': 3e6 },
    rows: [
      { leader: '1', replicas: ['1', '2', '3'], partitions: 4 },
      { leader: '2', replicas: ['2', '3', '1'], partitions: 4 },
      { leader: '3', replicas: ['3', '1', '2'], partitions: 4 },
    ],
    groups: 1,
    rates: [600, 800, 1000, 1200, 1400],
    isRecorded: true,
    replicationFactor: 3,
  }),
  policy,
);
/** What is left after the worst loss of a broker. */
export const afterLoss = worstLoss(threeBrokers, 'broker')?.loss ?? expect.fail('no loss');

const load = madeLoad('evidence', { days });
function forecastOf(scale: number) {
  const answer = forecastOfLoad({
    kind: 'forecast',
    readings: load.map((value, index) => ({ timeMs: madeStart + index * hour, value: scale * value })),
    timezone: 'UTC',
    horizonSeconds: 7 * 86_400,
    promotions: [],
  });
  return answer.kind === 'forecast' ? answer.forecast : expect.fail(answer.reason);
}

const adviceWith = (scale: number, over: Partial<Parameters<typeof evidenceAdviceOf>[0]> = {}): EvidenceAdvice =>
  EvidenceAdvice.parse(
    evidenceAdviceOf({
      cluster: 'orders',
      forecast: { document: forecastOf(scale) },
      analysis: threeBrokers,
      survives: 'broker',
      nowMs: madeStart + days * 24 * hour,
      risk: 0.05,
      policy,
      ...over,
    }),
  );

/** A load that rises every weekday, for whose highest peak a safe maximum of `tps` is needed. */
const unscaled = adviceWith(1).neededTps;
export const adviceFor: typeof adviceWith = (tps, over) => adviceWith(tps / unscaled, over);
