// How near does a rate search come to the truth, and at what price? On simulated clusters, beside the algorithms of others.

import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { messagesPerSecond } from '../core/units.ts';
import { FindMaxOptions, FindSafeOptions, type SearchOptions, type Started } from '../loadgen/search/search-options.ts';
import { createSearch } from '../loadgen/search/search.ts';
import { search } from '../test/support/searched-cluster.ts';
import { createRateCluster, drawRateCluster, type RatePopulation } from '../test/truth/rate-cluster.ts';
import { median, type Bench, type BenchResult } from './bench.ts';
import { binarySearch, linearSweep, ombController, type PeerSearch } from './rate-search-peers.ts';

/** One trial in seven is spoilt, and buffers last half a second at capacity. */
const population: RatePopulation = { spurious: 0.15, noise: 0.01, mostBurstSeconds: 0.5 };

interface Attempt {
  /** Found over true. */
  share: number;
  trials: number;
  drivenSeconds: number;
  overloadedSeconds: number;
  /** Whether the truth lies between the bounds, within the noise of a trial. */
  isEnclosed?: boolean;
  confidence?: number;
}

export const rateSearch = {
  name: 'rate-search',
  summary: 'what find-max and find-safe find on simulated clusters of known capacity, beside the searches of others',
  options: { seeds: { type: 'string', value: 'N', help: 'clusters, default 1000' } },
  evidence: 'docs/rate-search.md',

  async run({ options, stderr, signal }) {
    const seeds = readSeeds(options['seeds']);
    const attempts = (attempt: (seed: number) => Attempt) =>
      Array.from({ length: seeds }, (_, index) => {
        signal.throwIfAborted();
        return attempt(index + 1);
      });
    const ours = attempts((seed) =>
      ourAttempt(seed, (start) => ({ ...FindMaxOptions.parse({ kind: 'find-max' }), start })),
    );
    stderr.write(`find-max: ${describe(ours)}\n`);
    const results = goals(ours);
    const peers: [string, string, PeerSearch][] = [
      ['OMB rate controller', '8559989', ombController],
      ['binary search', 'RFC 2544', binarySearch],
      ['linear sweep, one retry', 'rpc-perf', linearSweep],
    ];
    for (const [name, version, peer] of peers) {
      const theirs = attempts((seed) => peerAttempt(seed, peer));
      stderr.write(`${name}: ${describe(theirs)}\n`);
      results.push(...beside(ours, theirs, { name, version }));
    }
    for (const verifications of [0, 1, 2]) {
      const safe = attempts((seed) =>
        ourAttempt(seed, (start) => ({
          ...FindSafeOptions.parse({ kind: 'find-safe', verifications, mostTrials: 200 }),
          start: messagesPerSecond(start / 5),
        })),
      );
      stderr.write(`find-safe, ${verifications} verifications: ${describe(safe)}\n`);
      const metric = `find-safe, failures verified ${verifications} times`;
      results.push(
        {
          metric: `${metric}: median of found over true`,
          unit: '',
          ours: median(safe.map(({ share }) => share)),
          goal: 'told',
        },
        { metric: `${metric}: driving`, unit: 's', ours: mean(safe, 'drivenSeconds'), goal: 'told' },
      );
    }
    return results;
  },
} satisfies Bench;

function ourAttempt(
  seed: number,
  optionsFrom: (start: ReturnType<typeof messagesPerSecond>) => Started<SearchOptions>,
): Attempt {
  const { truth, start } = drawRateCluster(seed, population);
  const options = optionsFrom(messagesPerSecond(start));
  const { history, step, ...spent } = search(createRateCluster(truth), truth.capacity, createSearch(options));
  const { lowerBound, upperBounds, confidence } = step.certificate;
  const [upper] = upperBounds;
  const isHeld = lowerBound !== undefined && lowerBound.tps <= truth.capacity * (1 + population.noise);
  const isBounded = upper !== undefined && upper.tps >= truth.capacity * (1 - population.noise);
  return {
    share: (lowerBound?.tps ?? 0) / truth.capacity,
    trials: history.length,
    ...spent,
    isEnclosed: isHeld && isBounded,
    confidence: (confidence?.lowerBound ?? 0) * (confidence?.upperBound ?? 0),
  };
}

function peerAttempt(seed: number, peer: PeerSearch): Attempt {
  const { truth } = drawRateCluster(seed, population);
  const { found, drivenSeconds, overloadedSeconds } = peer(
    createRateCluster(truth),
    truth.capacity,
    truth.latencySeconds,
  );
  return { share: found / truth.capacity, trials: 0, drivenSeconds, overloadedSeconds };
}

function goals(ours: readonly Attempt[]): BenchResult[] {
  const share = (is: (attempt: Attempt) => boolean) => ours.filter(is).length / ours.length;
  const low = share((attempt) => attempt.share < 0.9);
  const high = ours.filter((attempt) => attempt.share > 1.02).length;
  const trials = mean(ours, 'trials');
  return [
    {
      metric: 'find-max: more than 10 % below the truth',
      unit: 'ratio',
      ours: low,
      goal: 'at most 0.01',
      met: low <= 0.01,
    },
    { metric: 'find-max: more than 2 % above the truth', unit: 'searches', ours: high, goal: '0', met: high === 0 },
    {
      metric: 'find-max: trials, confirmations included',
      unit: '',
      ours: trials,
      goal: 'at most 20',
      met: trials <= 20,
    },
    {
      metric: 'find-max: truth between the bounds',
      unit: 'ratio',
      ours: share(({ isEnclosed }) => isEnclosed === true),
      goal: 'told',
    },
    { metric: 'find-max: mean confidence stated', unit: 'ratio', ours: mean(ours, 'confidence'), goal: 'told' },
  ];
}

function beside(
  ours: readonly Attempt[],
  theirs: readonly Attempt[],
  peer: { name: string; version: string },
): BenchResult[] {
  const rows: [string, string, (attempts: readonly Attempt[]) => number, (one: number, other: number) => boolean][] = [
    ['found within 10 % below and 2 % above the truth', 'ratio', withinGoal, (one, other) => one >= other],
    ['driving', 's', (attempts) => mean(attempts, 'drivenSeconds'), () => true],
    ['share of the driving above capacity', 'ratio', overloadedShare, () => true],
  ];
  return rows.map(([metric, unit, of, isMet], index) => {
    const [one, other] = [of(ours), of(theirs)];
    const judged = index === 0 ? { goal: 'at least as often', met: isMet(one, other) } : { goal: 'told' };
    return { metric: `find-max: ${metric}`, unit, ours: one, peer: { ...peer, value: other }, ...judged };
  });
}

const withinGoal = (attempts: readonly Attempt[]) =>
  attempts.filter(({ share }) => share >= 0.9 && share <= 1.02).length / attempts.length;
const overloadedShare = (attempts: readonly Attempt[]) =>
  mean(attempts, 'overloadedSeconds') / mean(attempts, 'drivenSeconds');

function mean(
  attempts: readonly Attempt[],
  key: 'trials' | 'drivenSeconds' | 'overloadedSeconds' | 'confidence',
): number {
  return attempts.reduce((sum, attempt) => sum + (attempt[key] ?? 0), 0) / attempts.length;
}

function describe(attempts: readonly Attempt[]): string {
  const shares = attempts.map(({ share }) => share).toSorted((a, b) => a - b);
  const at = (quantile: number) => (shares[Math.floor(quantile * (shares.length - 1))] ?? 0).toFixed(3);
  return `found over true: least ${at(0)}, 1 % ${at(0.01)}, median ${at(0.5)}, most ${at(1)}`;
}

function readSeeds(text: string | boolean | undefined): number {
  const parsed = z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .safeParse(text ?? 1000);
  if (!parsed.success) throw new AppError('usage', `bench rate-search: --seeds: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
