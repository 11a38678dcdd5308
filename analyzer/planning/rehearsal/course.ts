// Compresses a recorded promotion to scaled steps of constant rates, and preserves its peak.

import { AppError } from '../../../core/errors.ts';
import type { PromotionHistory } from '../../../core/documents/rehearsal.ts';

export type RehearsalCourse = ReturnType<typeof courseOf>;

interface CourseSpec {
  scale: number;
  /** Duration of the rehearsal; ignored if `compress` is given. */
  durationSeconds: number;
  compress?: number | undefined;
  stepSeconds?: number | undefined;
  /** Shortest step that can be judged. */
  leastStepSeconds: number;
}

/** Load-test steps require a rate above 0. */
const leastTps = 1;
/** More steps are unreadable, and each is judged separately. */
const mostSteps = 60;

/** @throws AppError usage if no step fits */
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
    /** Step length of the rehearsal. */
    stepSeconds: exact,
    /** Messages per second by topic, in the order of the history. */
    steps,
    peakStep,
    /** Minutes from the start of the promotion to the interval with the highest rate. */
    peakMinutes: (peakAt * intervalSeconds) / 60,
    /** Rate of that interval, unscaled. */
    historyPeakTps,
  };
}

/** Mean of values that each apply from their index to the next. */
function meanOver(values: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let at = Math.floor(from); at < to; at += 1) {
    sum += (values[at] ?? 0) * (Math.min(to, at + 1) - Math.max(from, at));
  }
  return sum / (to - from);
}

export const totalOf = (rates: readonly number[]) => rates.reduce((sum, rate) => sum + rate, 0);

/** @returns the start of a step, in the rehearsal and in the promotion */
export const momentOf = (
  { stepSeconds, compress }: Pick<RehearsalCourse, 'stepSeconds' | 'compress'>,
  step: number,
) => ({
  step,
  rehearsalSeconds: step * stepSeconds,
  promotionMinutes: (step * stepSeconds * compress) / 60,
});
