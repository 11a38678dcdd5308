// Measures error and cost of rate searches on simulated clusters, compared with other tools.

import { z } from 'zod';
import { Duration } from '../core/text/quantity.ts';
import { messagesPerSecond } from '../core/units.ts';
import { FindMaxOptions, FindSafeOptions, type SearchOptions } from '../loadgen/search/search-options.ts';
import { createSearch } from '../loadgen/search/search.ts';
import { search } from '../test/support/searched-cluster.ts';
import { createRateCluster, drawRateCluster, type RatePopulation } from '../test/truth/rate-cluster.ts';
import { median, parseOptions, type Bench, type BenchResult } from './bench.ts';
import { binarySearch, linearSweep, ombController, type PeerSearch } from './rate-search-peers.ts';

/** Settings that the goals apply to: one trial in seven fails at random, and buffers last half a second at capacity. */
const usual = { seeds: 1000, spurious: 0.15, noise: 0.01, burst: 0.5, width: 0.05, soak: '0s', start: 0 };

const SearchSettings = z.object({
  seeds: z.coerce.number().int().min(1).max(100_000),
  spurious: z.coerce.number().min(0).max(0.9),
  noise: z.coerce.number().min(0).max(0.5),
  burst: z.coerce.number().min(0).max(60),
  width: z.coerce.number().min(0.01).max(0.5),
  soak: Duration,
  start: z.coerce.number().min(0).max(100),
});
type SearchSettings = z.output<typeof SearchSettings>;

interface Attempt {
  /** Found rate divided by the true maximum. */
  share: number;
  trials: number;
  drivenSeconds: number;
  overloadedSeconds: number;
  /** Whether the true maximum lies between the bounds, within the noise of a trial. */
  isEnclosed?: boolean;
  confidence?: number;
}

export const rateSearch = {
  name: 'rate-search',
  summary: 'what find-max and find-safe find on simulated clusters of known capacity, beside the searches of others',
  options: {
    seeds: { type: 'string', value: 'N', help: 'clusters, default 1000' },
    spurious: { type: 'string', value: 'RATIO', help: 'of trials that fail for no reason, default 0.15' },
    noise: { type: 'string', value: 'RATIO', help: 'of the capacity, one draw a trial, default 0.01' },
    burst: { type: 'string', value: 'SECONDS', help: 'of capacity that buffers take at most, default 0.5' },
    width: { type: 'string', value: 'RATIO', help: 'of find-max, default 0.05' },
    soak: { type: 'string', value: 'DURATION', help: 'of find-max at the end, default none' },
    start: { type: 'string', value: 'RATIO', help: 'of the capacity; default drawn between a quarter of it and all' },
  },
  evidence: 'docs/explanation/rate-search.md',

  async run({ options, stderr, signal }) {
    const asked = parseOptions('rate-search', SearchSettings, { ...usual, ...options });
    const attempts = (attempt: (seed: number) => Attempt) =>
      Array.from({ length: asked.seeds }, (_, index) => {
        signal.throwIfAborted();
        return attempt(index + 1);
      });
    const findMax = FindMaxOptions.parse({
      kind: 'find-max',
      width: asked.width,
      ...(asked.soak > 0 && { soak: `${asked.soak}s` }),
    });
    const ours = attempts((seed) => ourAttempt(seed, asked, findMax));
    stderr.write(`find-max: ${describe(ours)}\n`);
    const isUsual = Object.keys(usual).every((key) => key === 'seeds' || options[key] === undefined);
    const results = goals(ours, isUsual);
    const peers: [string, string, PeerSearch][] = [
      ['OMB rate controller', '8559989', ombController],
      ['binary search', 'RFC 2544', binarySearch],
      ['linear sweep, one retry', 'rpc-perf', linearSweep],
    ];
    for (const [name, version, peer] of peers) {
      const theirs = attempts((seed) => peerAttempt(seed, asked, peer));
      stderr.write(`${name}: ${describe(theirs)}\n`);
      results.push(...beside(ours, theirs, { name, version }));
    }
    for (const verifications of [0, 1, 2]) {
      const findSafe = FindSafeOptions.parse({ kind: 'find-safe', verifications, mostTrials: 200 });
      const safe = attempts((seed) => ourAttempt(seed, asked, findSafe));
      stderr.write(`find-safe, ${verifications} verifications: ${describe(safe)}\n`);
      const metric = `find-safe, failures verified ${verifications} times`;
      results.push(
        {
          metric: `${metric}: median of found over true`,
          unit: '',
          ours: median(safe.map(({ share }) => share)),
          goal: 'none',
        },
        { metric: `${metric}: driving`, unit: 's', ours: mean(safe, 'drivenSeconds'), goal: 'none' },
      );
    }
    return results;
  },
} satisfies Bench;

/** find-max begins at half of the predicted rate, find-safe at a tenth. */
const gentler = 0.2;

function ourAttempt(seed: number, asked: SearchSettings, options: SearchOptions): Attempt {
  const population = populationOf(asked);
  const { truth, start: drawn } = drawRateCluster(seed, population);
  const first = asked.start > 0 ? asked.start * truth.capacity : drawn;
  const start = messagesPerSecond(options.kind === 'find-safe' ? gentler * first : first);
  const found = search(createRateCluster(truth), truth.capacity, createSearch({ ...options, start }));
  const { history, step, ...spent } = found;
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

function peerAttempt(seed: number, asked: SearchSettings, peer: PeerSearch): Attempt {
  const { truth } = drawRateCluster(seed, populationOf(asked));
  const { found, drivenSeconds, overloadedSeconds } = peer(
    createRateCluster(truth),
    truth.capacity,
    truth.latencySeconds,
  );
  return { share: found / truth.capacity, trials: 0, drivenSeconds, overloadedSeconds };
}

/** @param isUsual false if the clusters differ from those that the goals apply to; there are then no goals */
function goals(ours: readonly Attempt[], isUsual: boolean): BenchResult[] {
  const share = (is: (attempt: Attempt) => boolean) => ours.filter(is).length / ours.length;
  const low = share((attempt) => attempt.share < 0.9);
  const high = ours.filter((attempt) => attempt.share > 1.02).length;
  const trials = mean(ours, 'trials');
  const met = (is: boolean) => (isUsual ? { met: is } : {});
  return [
    {
      metric: 'find-max: more than 10% below the truth',
      unit: 'ratio',
      ours: low,
      goal: 'at most 0.01',
      ...met(low <= 0.01),
    },
    { metric: 'find-max: more than 2% above the truth', unit: 'searches', ours: high, goal: '0', ...met(high === 0) },
    {
      metric: 'find-max: trials, confirmations included',
      unit: '',
      ours: trials,
      goal: 'at most 20',
      ...met(trials <= 20),
    },
    {
      metric: 'find-max: truth between the bounds',
      unit: 'ratio',
      ours: share(({ isEnclosed }) => isEnclosed === true),
      goal: 'none',
    },
    { metric: 'find-max: mean confidence stated', unit: 'ratio', ours: mean(ours, 'confidence'), goal: 'none' },
  ];
}

function beside(
  ours: readonly Attempt[],
  theirs: readonly Attempt[],
  peer: { name: string; version: string },
): BenchResult[] {
  const row = (metric: string, unit: string, of: (attempts: readonly Attempt[]) => number): BenchResult => {
    const [one, other] = [of(ours), of(theirs)];
    return { metric: `find-max: ${metric}`, unit, ours: one, peer: { ...peer, value: other }, goal: 'none' };
  };
  const found = row('found within 10% below and 2% above the truth', 'ratio', withinGoal);
  return [
    { ...found, goal: 'at least as often', met: withinGoal(ours) >= withinGoal(theirs) },
    row('driving', 's', (attempts) => mean(attempts, 'drivenSeconds')),
    row('share of the driving above capacity', 'ratio', overloadedShare),
  ];
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
  return `found over true: least ${at(0)}, 1% ${at(0.01)}, median ${at(0.5)}, most ${at(1)}`;
}

const populationOf = ({ spurious, noise, burst: mostBurstSeconds }: SearchSettings): RatePopulation => ({
  spurious,
  noise,
  mostBurstSeconds,
});
