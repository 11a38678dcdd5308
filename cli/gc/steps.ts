// When did each step of a load test run, by the wall clock?

import { bundle } from '../../analyzer/importers/bundle.ts';
import { AppError } from '../../core/errors.ts';
import { createGcFigures, type GcFigures } from '../../hosts/gc-report/gc-figures.ts';
import type { Step } from '../../hosts/gc-report/gc-report.ts';

export interface StepFigures {
  figures: GcFigures;
  report(): Step;
}

/** @throws AppError usage for a bundle of written figures, and whatever reading a bundle throws */
export async function stepFigures(directory: string, signal: AbortSignal): Promise<StepFigures[]> {
  const imported = await bundle.import(directory, { settleSeconds: 0, signal });
  if (imported.origin === 'readings') {
    throw new AppError('usage', `${directory} is made of written figures: it has no steps with a clock`, {
      hint: 'give --run the bundle of a load test',
    });
  }
  const { document, steps } = imported.run;
  if (document.startedAt === undefined) throw new AppError('usage', `${directory} does not tell when it began`);
  const startedAtMs = Date.parse(document.startedAt);
  return steps.map(({ index, targetTps, from, to }) => {
    const [start, end] = [from, to].map((seconds) => startedAtMs + seconds * 1000) as [number, number];
    const figures = createGcFigures({
      from: { kind: 'clock', epochMs: start },
      to: { kind: 'clock', epochMs: end },
    });
    return {
      figures,
      report: () => ({
        step: index,
        ...(targetTps !== undefined && { targetTps }),
        from: new Date(start).toISOString(),
        to: new Date(end).toISOString(),
        ...figures.total.figures,
      }),
    };
  });
}
