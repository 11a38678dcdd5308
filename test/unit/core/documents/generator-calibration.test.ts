import { describe, expect, test } from 'vitest';
import {
  generatorLimitText,
  judgeGenerator,
  type Calibration,
  type GeneratorStep,
} from '../../../../core/documents/generator-calibration.ts';

const floor = (load: { targetTps?: number; lanes?: number }, p50: number, p99: number) => ({
  ...load,
  achievedTps: load.targetTps ?? 1000,
  serviceSeconds: { p50, p99 },
  workerCpu: 0.1,
  eventLoopUtilisation: 0.1,
});

const calibration: Calibration = {
  measuredAt: '2026-11-20T12:00:00.000Z',
  floors: [
    floor({ targetTps: 1000 }, 0.0002, 0.001),
    floor({ targetTps: 10_000 }, 0.0004, 0.004),
    floor({ lanes: 64 }, 0.001, 0.002),
  ],
  ceiling: { tps: 100_000, workerCpu: 1, eventLoopUtilisation: 1 },
};

const step = (over: Partial<GeneratorStep>): GeneratorStep => ({
  targetTps: 1000,
  achievedTps: 1000,
  serviceSeconds: { p50: 0.003, p99: 0.02 },
  workerCpu: 0.2,
  eventLoopUtilisation: 0.3,
  ...over,
});
const limitsOf = (over: Partial<GeneratorStep>) => judgeGenerator(step(over), calibration).map(({ by }) => by);

test('a step far from floor and ceiling is not limited by the generator', () => expect(limitsOf({})).toEqual([]));

describe('latency', () => {
  test('within three times the floor is attributed to the generator', () =>
    expect(limitsOf({ serviceSeconds: { p50: 0.0006, p99: 0.003 } })).toEqual(['latency']));
  test('is compared by both its median and its p99', () => {
    expect(limitsOf({ serviceSeconds: { p50: 0.0006, p99: 0.0031 } })).toEqual([]);
    expect(limitsOf({ serviceSeconds: { p50: 0.0007, p99: 0.003 } })).toEqual([]);
  });
  test('is compared with the floor at the nearest rate, by ratio', () => {
    const times = { serviceSeconds: { p50: 0.0012, p99: 0.012 } };
    expect(limitsOf({ ...times, targetTps: 3000 })).toEqual([]);
    expect(limitsOf({ ...times, targetTps: 3200, achievedTps: 3200 })).toEqual(['latency']);
  });
  test('of a closed loop is compared with the floor at the nearest number of lanes', () =>
    expect(limitsOf({ targetTps: undefined, lanes: 32, serviceSeconds: { p50: 0.003, p99: 0.006 } })).toEqual([
      'latency',
    ]));
  test('without any sends is not judged', () =>
    expect(limitsOf({ targetTps: 0, achievedTps: 0, serviceSeconds: undefined })).toEqual([]));
});

test.each([
  [{ achievedTps: 85_000 }, []],
  [{ achievedTps: 85_001 }, ['ceiling']],
  [{ achievedTps: 124_999 }, ['ceiling']],
  // The calibration ran at a busier time: a ceiling exceeded by 25% is ignored.
  [{ achievedTps: 125_000 }, []],
  [{ workerCpu: 0.86 }, ['cpu']],
  [{ eventLoopUtilisation: 0.86 }, ['event-loop']],
] as const)('the generator is the limit above 85%% of its calibrated capacity: %o', (over, by) =>
  expect(limitsOf(over)).toEqual(by),
);

test('without a calibration only CPU and event loop of the workers are judged', () => {
  expect(judgeGenerator(step({ achievedTps: 1e9, serviceSeconds: { p50: 0, p99: 0 } }), undefined)).toEqual([]);
  expect(judgeGenerator(step({ workerCpu: 0.9 }), undefined)).toEqual([{ by: 'cpu', measured: 0.9, limit: 0.85 }]);
});

test('each limit has a text with its figures', () => {
  const over = {
    achievedTps: 90_000,
    workerCpu: 0.9,
    eventLoopUtilisation: 0.95,
    serviceSeconds: { p50: 0.0001, p99: 0.0015 },
  };
  expect(judgeGenerator(step(over), calibration).map((limit) => generatorLimitText(limit))).toEqual([
    'responses came within 1.5 ms (p99), and a broker without work takes 1 ms',
    '90,000 of the 100,000 msg/s that its threads can send',
    'a worker thread used 90% of a core',
    'the event loop of a worker was 95% busy',
  ]);
});
