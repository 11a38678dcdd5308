// Compresses a recorded promotion to steps of constant rates, scaled, with its peak kept.

import { AppError } from '../../../core/errors.ts';
import type { PromotionHistory } from '../../../core/documents/rehearsal.ts';

export type RehearsalCourse = ReturnType<typeof courseOf>;

interface CourseSpec {
  scale: number;
  /** How long the rehearsal lasts; not used where `compress` is given. */
  durationSeconds: number;
  compress?: number | undefined;
  stepSeconds?: number | undefined;
  /** A shorter step cannot be judged. */
  leastStepSeconds: number;
}

/** A rate of 0 is no step of a load test. */
const leastTps = 1;
/** More are not read by anybody, and each is judged by itself. */
const mostSteps = 60;

/** @throws AppError usage where no step fits */
export function courseOf({ topics, intervalSeconds }: PromotionHistory, spec: CourseSpec) {
  const intervals = topics[0]?.rates.length ?? 0;
  const span = intervals * intervalSeconds;
  const compress = Math.max(1, spec.compress ?? span / spec.durationSeconds);
  const length = span / compress;
  const { leastStepSeconds } = spec;
  const usual = Math.max(leastStepSeconds, length / mostSteps, intervalSeconds / compress);
  const stepSeconds = spec.stepSeconds ?? usual;
  const count = Math.floor(length / stepSeconds + 1e-9);
  if (stepSeconds < leastStepSeconds || count < 1) {
    throw new AppError(
      'usage',
      `the rehearsal lasts ${Math.round(length)} s, and a step has to last ${leastStepSeconds} s to be judged`,
      { hint: 'compress less, or give a longer --duration' },
    );
  }
  const exact = length / count;
  const totals = Array.from({ length: intervals }, (_, at) =>
    topics.reduce((sum, { rates }) => sum + (rates[at] ?? 0), 0),
  );
  const historyPeakTps = Math.max(...totals);
  const peakAt = totals.indexOf(historyPeakTps);
  const peakStep = Math.min(count - 1, Math.floor(((peakAt + 0.5) / intervals) * count));
  const steps = Array.from({ length: count }, (_, step) => {
    const rates =
      step === peakStep
        ? topics.map((topic) => topic.rates[peakAt] ?? 0)
        : topics.map((topic) => meanOver(topic.rates, (step / count) * intervals, ((step + 1) / count) * intervals));
    const scaled = rates.map((rate) => rate * spec.scale);
    const sum = scaled.reduce((all, rate) => all + rate, 0);
    return sum >= leastTps ? scaled : scaled.map(() => leastTps / scaled.length);
  });
  return {
    compress,
    /** Of the rehearsal. */
    stepSeconds: exact,
    /** By topic, in the order of the history: messages per second. */
    steps,
    peakStep,
    /** Minutes since the promotion began, of the interval with the highest rate. */
    peakMinutes: (peakAt * intervalSeconds) / 60,
    /** Of that interval, not scaled. */
    historyPeakTps,
  };
}

/** Of values that each last from their index to the next. */
function meanOver(values: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let at = Math.floor(from); at < to; at += 1) {
    sum += (values[at] ?? 0) * (Math.min(to, at + 1) - Math.max(from, at));
  }
  return sum / (to - from);
}

export const totalOf = (rates: readonly number[]) => rates.reduce((sum, rate) => sum + rate, 0);

/** @returns when a step begins, in the rehearsal and in the promotion */
export const momentOf = (
  { stepSeconds, compress }: Pick<RehearsalCourse, 'stepSeconds' | 'compress'>,
  step: number,
) => ({
  step,
  rehearsalSeconds: step * stepSeconds,
  promotionMinutes: (step * stepSeconds * compress) / 60,
});
