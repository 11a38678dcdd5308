// What did each step come to? Adds up the journal's intervals for the progress line and the command's result.

import type { Percentiles } from '../core/analysis.ts';
import type { JournalLine } from '../core/run-bundle.ts';
import { createLatencySum } from './latency.ts';

export interface StepSummary {
  targetTps: number;
  /** Acknowledged messages per second of the step. */
  achievedTps: number;
  failedSends: number;
  latencySeconds?: Percentiles;
  sendDelaySeconds?: Percentiles;
  endToEndSeconds?: Percentiles;
}

export function createStepSum(targetTps: number) {
  const latency = createLatencySum();
  const sendDelay = createLatencySum();
  const endToEnd = createLatencySum();
  /** Seconds of the intervals per worker: each worker adds its share of the rate. */
  const producers = new Map<string, { acknowledged: number; seconds: number }>();
  let failedSends = 0;

  return {
    add(line: JournalLine): void {
      if (line.kind === 'consumed') endToEnd.add(line.endToEnd);
      if (line.kind !== 'produced') return;
      latency.add(line.latency);
      sendDelay.add(line.sendDelay);
      failedSends += line.failed;
      const { acknowledged, seconds } = producers.get(line.worker) ?? { acknowledged: 0, seconds: 0 };
      producers.set(line.worker, {
        acknowledged: acknowledged + line.acknowledged,
        seconds: seconds + line.intervalSeconds,
      });
    },
    summary(): StepSummary {
      const rates = [...producers.values()].map(({ acknowledged, seconds }) => acknowledged / seconds);
      const [latencySeconds, sendDelaySeconds, endToEndSeconds] = [latency, sendDelay, endToEnd].map((sum) =>
        sum.percentiles(),
      );
      return {
        targetTps,
        achievedTps: rates.reduce((total, rate) => total + rate, 0),
        failedSends,
        ...(latencySeconds && { latencySeconds }),
        ...(sendDelaySeconds && { sendDelaySeconds }),
        ...(endToEndSeconds && { endToEndSeconds }),
      };
    },
  };
}
