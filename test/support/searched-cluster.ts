import { examplePolicy } from './example-policy.ts';
import { messagesPerSecond } from '../../core/units.ts';
import { seconds } from '../../core/clock.ts';
import { completeCriteria, type Criteria } from '../../loadgen/search/criteria/criteria-options.ts';
import { judge, shouldReject } from '../../loadgen/search/criteria/judge.ts';
import type { TrialFigures } from '../../loadgen/search/criteria/trial-figures.ts';
import type { RateSearch, SearchStep } from '../../loadgen/search/search.ts';
import type { Trial, TrialOutcome, TrialRecord } from '../../loadgen/search/trial.ts';
import type { ClusterSecond, RateCluster } from '../truth/rate-cluster.ts';

/** Criteria of find-max, with a p99 that any persistent queue exceeds. */
export const simulatedCriteria: Criteria = completeCriteria({ p99: seconds(0.1) }, 'find-max', examplePolicy());

export interface Searched {
  history: readonly TrialRecord[];
  step: Exclude<SearchStep, { kind: 'drive' }>;
  drivenSeconds: number;
  /** Seconds with a rate above the sustainable maximum. */
  overloadedSeconds: number;
}

/** Runs a search against a simulated cluster; figures are judged like those of a real trial. */
export function search(cluster: RateCluster, capacity: number, { next }: RateSearch): Searched {
  const history: TrialRecord[] = [];
  let drivenSeconds = 0;
  let overloadedSeconds = 0;
  for (;;) {
    const step = next(history);
    if (step.kind !== 'drive') return { history, step, drivenSeconds, overloadedSeconds };
    const { outcome, elapsed } = drive(cluster, step.trial);
    history.push({ trial: step.trial, outcome });
    drivenSeconds += elapsed;
    if (step.trial.rate > capacity) overloadedSeconds += elapsed;
  }
}

/** Seconds between checks for early rejection. */
const lookEvery = 3;

export function drive(cluster: RateCluster, trial: Trial): { outcome: TrialOutcome; elapsed: number } {
  const { rate, duration } = trial;
  const driven: ClusterSecond[] = [];
  cluster.drain();
  cluster.beginTrial(duration);
  while (driven.length < duration) {
    driven.push(cluster.advance(rate));
    if (driven.length % lookEvery > 0 || driven.length >= duration) continue;
    const outcome = shouldReject(figuresOf(trial, driven), simulatedCriteria);
    if (outcome !== undefined) return { outcome, elapsed: driven.length };
  }
  const latency = percentilesOf(driven.map(({ latencySeconds }) => latencySeconds));
  return { outcome: judge({ ...figuresOf(trial, driven), latency }, simulatedCriteria), elapsed: duration };
}

function figuresOf({ rate, duration }: Trial, driven: readonly ClusterSecond[]): TrialFigures {
  const acknowledged = driven.reduce((sum, second) => sum + second.acknowledged, 0);
  return {
    target: rate,
    achieved: messagesPerSecond(acknowledged / driven.length),
    duration,
    elapsed: seconds(driven.length),
    failedMessages: 0,
    backlog: driven.map(({ backlog }) => backlog),
    drain: { took: seconds(0), left: 0 },
    generator: { lagP99: seconds(0.002), dropped: 0 },
  };
}

function percentilesOf(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const percentile = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: percentile(0.5), p99: percentile(0.99), p999: percentile(0.999), max: percentile(1) };
}
