// Detects clients throttled by a quota, whose rate shows no limit of the broker.

import { durationText } from '../../../../core/text/duration-text.ts';
import { nodeText, rateText } from '../../../../core/text/quantity-text.ts';
import type { SymptomModel } from './model.ts';
import { mostOfBroker } from './use.ts';

export const quota = {
  symptom: 'publish-latency',
  requires: 'throttle times of a Kafka broker',

  judge(steps, series) {
    const throttled = steps.flatMap((observed) => {
      const seconds = mostOfBroker(observed, series, ({ throttledSeconds }) => throttledSeconds) ?? 0;
      return seconds > 0 ? [{ seconds, tps: observed.step.tps }] : [];
    });
    const [first] = throttled.toSorted((a, b) => a.tps - b.tps);
    if (first === undefined) return [];
    return [
      {
        severity: 'warning',
        code: 'quota',
        message: `${nodeText(series.node)} held clients back by a quota from ${rateText(first.tps)} on (${durationText(first.seconds)}): at higher rates the quota is the limit, not the broker.`,
        evidence: [
          {
            name: 'throttled',
            value: first.seconds,
            unit: 's',
            source: `throttle time of ${nodeText(series.node)}, the longest of the step`,
          },
        ],
      },
    ];
  },
} satisfies SymptomModel;
