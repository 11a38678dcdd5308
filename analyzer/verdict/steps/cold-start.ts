// Recognizes first steps that violated an objective because clients and brokers were cold.

interface ObjectiveStep {
  targetTps: number;
  /** Rate of other producers. */
  backgroundTps?: number | undefined;
  /** Absent if not judged. */
  isKept: boolean | undefined;
}

/**
 * Counts the first steps whose violation is a cold start: JITs, connections and caches were not warm. As many later
 * steps, or more, met the objective at their rate or a higher one. Any other violation is a limit.
 *
 * @param steps in order of time
 */
export function coldStepsOf(steps: readonly ObjectiveStep[]): number {
  const metFrom = (tps: number) => steps.filter((step) => step.isKept === true && loadOf(step) >= tps).length;
  const first = steps.findIndex((step) => step.isKept !== false || metFrom(loadOf(step)) === 0);
  return first > 0 && metFrom(Math.max(...steps.slice(0, first).map(loadOf))) >= first ? first : 0;
}

const loadOf = ({ targetTps, backgroundTps = 0 }: ObjectiveStep): number => targetTps + backgroundTps;
