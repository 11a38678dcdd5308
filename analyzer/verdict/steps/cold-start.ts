// Recognizes first steps that violated an objective because clients and brokers were cold.

interface ObjectiveStep {
  targetTps: number;
  /** Rate of other producers. */
  backgroundTps?: number | undefined;
  /** In seconds of the run; absent if unknown. */
  endedSeconds?: number | undefined;
  /** Absent if not judged. */
  isKept: boolean | undefined;
}

/**
 * A warm-up and one step of the confirmation time (10 min), which outlasts page-cache write-back, log rolls and young
 * collections: a start takes no longer.
 */
const longestStartSeconds = 900;

/**
 * Counts the first steps whose violation is a cold start: JITs, connections and caches were not warm. They end early in
 * the run, and as many later steps, or more, met the objective at their rate or a higher one. Any other violation is a
 * limit.
 *
 * @param steps in order of time
 */
export function coldStepsOf(steps: readonly ObjectiveStep[]): number {
  const metFrom = (tps: number) => steps.filter((step) => step.isKept === true && loadOf(step) >= tps).length;
  const first = steps.findIndex((step) => step.isKept !== false || metFrom(loadOf(step)) === 0);
  const cold = steps.slice(0, Math.max(0, first));
  const isStart = cold.every(({ endedSeconds = Infinity }) => endedSeconds <= longestStartSeconds);
  return isStart && metFrom(Math.max(...cold.map(loadOf))) >= first ? cold.length : 0;
}

const loadOf = ({ targetTps, backgroundTps = 0 }: ObjectiveStep): number => targetTps + backgroundTps;
