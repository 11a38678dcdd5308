import { expect, test } from 'vitest';
import { forecastOf } from '../../analyzer/forecast/forecast.ts';
import { gridOf, type Grid } from '../../analyzer/forecast/grid.ts';
import { timeZone } from '../../analyzer/forecast/local-time.ts';
import { effectsOf, reachOf } from '../../analyzer/forecast/promotion-effects.ts';
import { seededRandom } from '../../core/statistics/seeded-random.ts';
import { airPassengers } from '../support/air-passengers.ts';
import { madeLoad, type Made } from '../support/made-history.ts';

const daily = gridOf('day', timeZone('UTC'));

function historyFrom(values: readonly number[], grid: Grid, first = 20_094) {
  const read = { spacingSeconds: 86_400, readings: values.length, statistic: 'max' as const, notes: [] };
  return { grid, first, values: Float64Array.from(values), ...read };
}

/** Returns the ratio of values within the band, with forecasts from the previous `known` values. */
function held(
  series: readonly number[],
  { known, horizon, every, grid }: { known: number; horizon: number; every: number; grid: Grid },
) {
  let [within, count] = [0, 0];
  for (let origin = known; origin + horizon <= series.length; origin += every) {
    const from = origin - known;
    const forecast = forecastOf(historyFrom(series.slice(from, origin), grid, 20_094 + from), { horizon });
    if (forecast.kind !== 'forecast') throw new Error(forecast.reason);
    for (const [i, { low = Number.NaN, high = Number.NaN }] of forecast.points.entries()) {
      const value = series[origin + i] as number;
      within += value >= low && value <= high ? 1 : 0;
      count += 1;
    }
  }
  return within / count;
}

const dailyMax = (hours: readonly number[]) =>
  Array.from({ length: hours.length / 24 }, (_, day) => Math.max(...hours.slice(day * 24, day * 24 + 24)));

const loads: Record<string, Omit<Made, 'days'>> = {
  'noise around growth': { growth: 0.002, noise: 0.08 },
  'additive noise': { growth: 0.001, noise: 0.08, isAdditive: true, drift: 0.02, memory: 0.5 },
  'a level that drifts and returns': { growth: 0.003, noise: 0.05, drift: 0.04, memory: 0.8 },
};

test.each(Object.entries(loads))(
  '%s: bands contain 75 %% to 85 %% of the future values, from 40 origins',
  (name, made) => {
    const share = held(dailyMax(madeLoad(name, { ...made, days: 77 + 40 * 7 })), {
      known: 70,
      horizon: 14,
      every: 7,
      grid: daily,
    });
    expect(share).toBeGreaterThanOrEqual(0.75);
    expect(share).toBeLessThanOrEqual(0.85);
  },
);

test.each(Object.entries(loads))(
  '%s: the probability of reaching an end of the interval of the peak matches that end',
  (name, made) => {
    const history = historyFrom(dailyMax(madeLoad(name, { ...made, days: 84 })), daily);
    const forecast = (limit?: number) => {
      const made_ = forecastOf(history, { horizon: 14, ...(limit !== undefined && { limit }) });
      return made_.kind === 'forecast' ? made_ : expect.fail(made_.reason);
    };
    const { low = Number.NaN, high = Number.NaN } = forecast().peak;
    for (const [end, probability] of [
      [high, 0.1],
      [low, 0.9],
    ] as const) {
      const { limit, backtest } = forecast(end);
      expect(Math.abs((limit?.probability ?? 0) - probability)).toBeLessThanOrEqual(1 / backtest.fullOrigins);
    }
  },
);

test('bands contain 75 % to 85 % of the next year of monthly airline passengers, from 49 origins', () => {
  const share = held(airPassengers, { known: 84, horizon: 12, every: 1, grid: { ...daily, period: 12 } });
  expect(share).toBeGreaterThanOrEqual(0.75);
  expect(share).toBeLessThanOrEqual(0.85);
});

test.each<[string, number, { times: number; deviation: number }[]]>([
  ['of one day', 0, [{ times: 2.2, deviation: 0.2 }]],
  [
    'whose peak varies more than its other days and a quiet lead',
    6,
    [
      { times: 5, deviation: 0.3 },
      { times: 2, deviation: 0.1 },
      { times: 2, deviation: 0.1 },
    ],
  ],
])(
  'from three promotions %s, the interval contains the multiplier of the fourth in 75 %% to 85 %% of rounds',
  (_, lead, days) => {
    const random = seededRandom('promotions');
    let within = 0;
    const rounds = 600;
    for (let round = 0; round < rounds; round += 1) {
      const strengths = Array.from({ length: 4 }, () => random.normal());
      const logOf = (event: number, day: number) => {
        const own = days[day];
        return own === undefined
          ? 0.02 * random.normal()
          : Math.log(own.times) + own.deviation * (strengths[event] as number);
      };
      const usual = new Float64Array(100).fill(100);
      const events = [30, 50, 70].map((from) => {
        const [begins, to] = [from + lead, from + lead + days.length];
        return { name: 'sale', from, begins, ends: to, to };
      });
      const actual = Float64Array.from(usual);
      for (const [i, { from, begins, to }] of events.entries()) {
        for (let step = from; step < to; step += 1) {
          usual[step] = Number.NaN;
          actual[step] = 100 * Math.exp(logOf(i, step - begins));
        }
      }
      const [effect] = effectsOf(events, { grid: daily, first: 0, usual, actual });
      const peak = effect?.shape.get(effect.peak.offset) ?? { log: Number.NaN, events: 0 };
      if (Math.abs(logOf(3, 0) - peak.log) <= reachOf(peak)) within += 1;
    }
    expect(within / rounds).toBeGreaterThan(0.75);
    expect(within / rounds).toBeLessThan(0.85);
  },
);
