import { expect, test } from 'vitest';
import { createBurstMeter } from '../../../../hosts/linux/burst-meter.ts';
import { idleCard, idleCore } from '../../../support/idle-counters.ts';

const core = (user: number, idle: number) => ({ ...idleCore, user, idle });
const card = (receiveBytes: number) => ({ ...idleCard, receiveBytes });

test('the busiest window of link and core is reported, not the last nor the mean', () => {
  const meter = createBurstMeter(0.1);
  meter.observe(0, [core(0, 0), core(0, 0)], [card(0)]);
  meter.observe(0.1, [core(0.01, 0.09), core(0.08, 0.02)], [card(1000)]);
  meter.observe(0.2, [core(0.02, 0.18), core(0.09, 0.11)], [card(1010)]);
  const { coreRatio, links } = meter.take();
  expect(coreRatio).toBeCloseTo(0.8);
  expect(links[0]?.receiveWireBytesPerSecond).toBeCloseTo(10_000);
  expect(links[0]?.transmitWireBytesPerSecond).toBe(0);
});

test('what was reported is dropped, and the next window is measured from the last look', () => {
  const meter = createBurstMeter(0.1);
  meter.observe(0, [], [card(0)]);
  meter.observe(0.1, [], [card(1000)]);
  meter.take();
  expect(meter.take().links).toEqual([]);
  meter.observe(0.2, [], [card(1100)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBeCloseTo(1000);
});

test('two looks too close together are no window, since one tick would be a large share of it', () => {
  const meter = createBurstMeter(0.1);
  meter.observe(0, [core(0, 0)], []);
  meter.observe(0.001, [core(0.01, 0)], []);
  expect(meter.take()).toEqual({ windowSeconds: 0.1, links: [] });
});

test('a card that was reset makes no burst', () => {
  const meter = createBurstMeter(0.1);
  meter.observe(0, [], [card(1_000_000)]);
  meter.observe(0.1, [], [card(5)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBe(0);
});
