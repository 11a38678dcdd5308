import fc from 'fast-check';
import { expect, test } from 'vitest';
import { effectOf, type TurnRun } from '../../analyzer/review/ab-test/effect.ts';
import { seededRandom } from '../../core/statistics/seeded-random.ts';
import { turnsOf } from '../../analyzer/review/ab-test/turns.ts';

interface Truth {
  runs: number;
  effect: number;
  drift: number;
  spread: number;
}

function simulated({ runs, effect, drift, spread }: Truth, name: string): TurnRun[] {
  const random = seededRandom(name);
  return turnsOf(runs, Math.floor(random.uniform() * 1e6)).map((side, turn) => ({
    side,
    tps: 50_000 * (side === 'b' ? effect : 1) * drift ** turn * Math.exp(spread * random.normal()),
  }));
}

const measured = (runs: readonly TurnRun[]) => {
  const effect = effectOf(runs);
  if (effect.kind !== 'measured') throw new Error(effect.missing);
  return effect;
};

const truth = fc.record({
  runs: fc.integer({ min: 4, max: 24 }),
  effect: fc.double({ min: 0.5, max: 2, noNaN: true }),
  drift: fc.double({ min: 0.97, max: 1.03, noNaN: true }),
  spread: fc.constant(0),
});

test('without noise, the effect and the drift per turn of the machines are measured exactly', () => {
  fc.assert(
    fc.property(truth, fc.string(), (of, name) => {
      const { ratio, driftPerTurn } = measured(simulated(of, name));
      expect(ratio).toBeCloseTo(of.effect, 9);
      expect(driftPerTurn).toBeCloseTo(of.drift, 9);
    }),
  );
});

test('swapping the sides inverts the effect, its interval and the verdict', () => {
  fc.assert(
    fc.property(truth, fc.double({ min: 0.01, max: 0.1, noNaN: true }), fc.string(), (of, spread, name) => {
      const runs = simulated({ ...of, spread }, name);
      const one = measured(runs);
      const other = measured(runs.map(({ side, tps }) => ({ side: side === 'a' ? 'b' : 'a', tps })));
      expect(other.ratio).toBeCloseTo(1 / one.ratio, 9);
      expect(other.low).toBeCloseTo(1 / one.high, 9);
      const turned = { 'a-more': 'b-more', 'b-more': 'a-more', 'no-difference-seen': 'no-difference-seen' } as const;
      expect(other.verdict).toBe(turned[one.verdict]);
    }),
  );
});

test.each([4, 8, 12])('with %i runs, the 90 %% interval contains the true effect in 90 of 100 experiments', (runs) => {
  const experiments = 3000;
  let covered = 0;
  for (let i = 0; i < experiments; i += 1) {
    const of = { runs, effect: 0.9 + (i % 5) * 0.05, drift: 1 - (i % 3) * 0.01, spread: 0.02 + (i % 4) * 0.02 };
    const { low, high } = measured(simulated(of, `coverage ${runs} ${i}`));
    if (low <= of.effect && of.effect <= high) covered += 1;
  }
  // Four standard errors of a share of 0.9 in 3,000 are 0.022.
  expect(Math.abs(covered / experiments - 0.9)).toBeLessThan(0.022);
});

test('claims a missing effect in about one of ten experiments, and detects an effect of 15 % in nearly all', () => {
  const seen = (effect: number) => {
    let count = 0;
    for (let i = 0; i < 1000; i += 1) {
      const of = { runs: 8, effect, drift: 0.99, spread: 0.03 };
      if (measured(simulated(of, `power ${effect} ${i}`)).verdict !== 'no-difference-seen') count += 1;
    }
    return count / 1000;
  };
  expect(seen(1)).toBeLessThan(0.14);
  expect(seen(1.15)).toBeGreaterThan(0.95);
});

test('both sides get equally many and equally early turns, which are the same for the same seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 100 }), fc.nat(), (runs, seed) => {
      const turns = turnsOf(runs, seed);
      expect(turns).toEqual(turnsOf(runs, seed));
      expect(turns.length).toBeGreaterThanOrEqual(runs);
      const places = (side: 'a' | 'b') => turns.flatMap((each, index) => (each === side ? [index] : []));
      const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
      expect(sum(places('a'))).toBe(sum(places('b')));
    }),
  );
});

test('the effect is unknown with too few runs or a run without throughput', () => {
  const run = (side: 'a' | 'b', tps = 1000) => ({ side, tps });
  expect(effectOf([run('a'), run('b'), run('b')]).kind).toBe('unknown');
  expect(effectOf([run('a'), run('b'), run('b'), run('a', 0)]).kind).toBe('unknown');
});
