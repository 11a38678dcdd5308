// Reports metrics of sustained steps that the load generator limits; the verdict remains valid.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { Calibration, GeneratorLimit } from '../../../core/documents/generator-calibration.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { limitsOf, type JudgedStep } from '../steps/step-verdict.ts';

export function generatorFindings(steps: readonly JudgedStep[], calibration: Calibration | undefined): Finding[] {
  if (calibration === undefined) return [];
  const sustained = steps.filter(({ verdict }) => verdict.kind === 'sustained');
  return [
    ...exceededBy('latency', sustained, calibration).map((found) =>
      findingOf('generator-limited', { cause: 'latency-floor', ...found }),
    ),
    ...exceededBy('ceiling', sustained, calibration).map((found) =>
      findingOf('generator-limited', { cause: 'calibrated-maximum', ceilingTps: calibration.ceiling.tps, ...found }),
    ),
  ];
}

/** @returns the rates of all these steps, with the limit of the highest */
function exceededBy(by: GeneratorLimit['by'], steps: readonly JudgedStep[], calibration: Calibration) {
  const found = steps.flatMap(({ step }) => {
    const limit = limitsOf(step, calibration).find((each) => each.by === by);
    return limit === undefined ? [] : [{ tps: step.tps, limit }];
  });
  const highest = found.at(-1);
  return highest === undefined ? [] : [{ rates: found.map(({ tps }) => tps), exceeded: highest.limit }];
}
