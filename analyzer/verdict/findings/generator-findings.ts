// Reports figures of sustained steps that the load generator limits; the verdict stands.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { Calibration, GeneratorLimit } from '../../../core/documents/generator-calibration.ts';
import { rateNumberText, rateText } from '../../../core/text/quantity-text.ts';
import { limitsOf, type JudgedStep } from '../steps/step-verdict.ts';

export function generatorFindings(steps: readonly JudgedStep[], calibration: Calibration | undefined): Finding[] {
  if (calibration === undefined) return [];
  const carried = steps.filter(({ verdict }) => verdict.kind === 'sustained');
  return [
    ...findingOf('latency', carried, calibration, (rates) => ({
      severity: 'info',
      message: `At ${rates} answers came within three times of what a broker takes that does nothing: these latencies are as much the load generator's as the cluster's, which may be faster.`,
    })),
    ...findingOf('ceiling', carried, calibration, (rates) => ({
      severity: 'warning',
      message: `At ${rates} the load generator used more than 85% of its calibrated maximum of ${rateText(calibration.ceiling.tps)}. The step was sustained; a higher one would be limited by the generator. Give it more workers or another machine.`,
    })),
  ];
}

function findingOf(
  by: GeneratorLimit['by'],
  steps: readonly JudgedStep[],
  calibration: Calibration,
  worded: (rates: string) => Pick<Finding, 'severity' | 'message'>,
): Finding[] {
  const found = steps.flatMap(({ step }) => {
    const limit = limitsOf(step, calibration).find((each) => each.by === by);
    return limit === undefined ? [] : [{ tps: step.tps, limit }];
  });
  const highest = found.at(-1);
  if (highest === undefined) return [];
  const { measured, limit } = highest.limit;
  const [name, unit] = by === 'latency' ? ['service time p99', 's'] : ['rate achieved', 'messages/s'];
  return [
    {
      code: 'generator-limited',
      ...worded(`${found.map(({ tps }) => rateNumberText(tps)).join(', ')} msg/s`),
      evidence: [
        { name, value: measured, unit, source: 'journal.ndjson' },
        { name: 'limit', value: limit, unit, source: 'calibration in run.json' },
      ],
    },
  ];
}
