import { expect, test } from 'vitest';
import { binarySearch, linearSweep, ombController } from '../../../bench/rate-search-peers.ts';
import { createRateCluster } from '../../truth/rate-cluster.ts';

const quiet = (capacity: number, latencySeconds: number) =>
  createRateCluster({ seed: 1, capacity, latencySeconds, noise: 0, spurious: 0, burstSeconds: 0, collapse: 0 });
const omb = (capacity: number, latencySeconds: number) =>
  ombController(quiet(capacity, latencySeconds), capacity, latencySeconds);

test('the controller of OMB is limited by a thousand messages in flight, whatever the capacity of the cluster', () => {
  expect(omb(600_000, 0.005).found / 600_000).toBeLessThan(0.5);
  expect(omb(600_000, 0.02).found / 600_000).toBeLessThan(0.1);
  expect(omb(2_000_000, 0.005).found / 2_000_000).toBeLessThan(0.15);
});

test('with fewer messages in flight, the controller of OMB finds the capacity and overloads every other period', () => {
  const { found, overloadedSeconds, drivenSeconds } = omb(70_000, 0.003);
  expect(found / 70_000).toBeGreaterThan(0.95);
  expect(overloadedSeconds / drivenSeconds).toBeGreaterThan(0.45);
});

test('without noise, binary search and linear sweep find a known capacity within one step', () => {
  expect(binarySearch(quiet(50_000, 0.005), 50_000, 0.005).found / 50_000).toBeGreaterThan(1 / 1.05);
  const { found, drivenSeconds } = linearSweep(quiet(50_000, 0.005), 50_000, 0.005);
  expect(found / 50_000).toBeCloseTo(1, 6);
  expect(drivenSeconds).toBe(22 * 60);
});
