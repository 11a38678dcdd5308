import { describe, expect, test } from 'vitest';
import { createBurstMeter, shareBursts } from '../../../../hosts/linux/burst-meter.ts';
import { idleCard, idleCore } from '../../../support/idle-counters.ts';

const core = (user: number, idle: number) => ({ ...idleCore, user, idle });
const card = (receiveBytes: number) => ({ ...idleCard, receiveBytes });
const at = (seconds: number) => ({ from: seconds, to: seconds });

/** Of a card whose counters follow its traffic: they moved in each window of the second before. */
function createCurrentMeter() {
  const meter = createBurstMeter(0.1);
  for (let window = -10; window < 0; window += 1) meter.observe(at(window / 10), [core(0, 0)], [card(window + 10)]);
  meter.take();
  return meter;
}

test('the busiest window of link and core is reported, not the last nor the mean', () => {
  const meter = createCurrentMeter();
  meter.observe(at(0), [core(0, 0), core(0, 0)], [card(0)]);
  meter.observe(at(0.1), [core(0.01, 0.09), core(0.08, 0.02)], [card(1000)]);
  meter.observe(at(0.2), [core(0.02, 0.18), core(0.09, 0.11)], [card(1010)]);
  const { coreRatio, links } = meter.take();
  expect(coreRatio).toBeCloseTo(0.8);
  expect(links[0]?.receiveWireBytesPerSecond).toBeCloseTo(10_000);
  expect(links[0]?.transmitWireBytesPerSecond).toBe(0);
});

test('what was reported is dropped, and the next window is measured from the last look', () => {
  const meter = createCurrentMeter();
  meter.observe(at(0), [], [card(0)]);
  meter.observe(at(0.1), [], [card(1000)]);
  meter.take();
  expect(meter.take().links).toEqual([]);
  meter.observe(at(0.2), [], [card(1100)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBeCloseTo(1000);
});

test('of several scrapers each sees the bursts since its own last scrape', () => {
  const meter = createCurrentMeter();
  const take = shareBursts(() => meter.take(), 0);
  meter.observe(at(0), [core(0, 0)], [card(0)]);
  take(0);
  meter.observe(at(0.1), [core(0.09, 0.01)], [card(1000)]);
  meter.observe(at(0.2), [core(0.1, 0.1)], [card(1010)]);
  const ofOne = take(7.5);
  const ofOther = take(15);
  for (const { coreRatio, links } of [ofOne, ofOther, take(15.2)]) {
    expect(coreRatio).toBeCloseTo(0.9);
    expect(links[0]?.receiveWireBytesPerSecond).toBeCloseTo(10_000);
  }
  expect(take(22.5).links).toHaveLength(1);
  expect(take(37.6).links).toEqual([]);
});

test('two looks too close together are no window, since one tick would be a large share of it', () => {
  const meter = createBurstMeter(0.1);
  meter.observe(at(0), [core(0, 0)], []);
  meter.observe(at(0.001), [core(0.01, 0)], []);
  expect(meter.take()).toEqual({ windowSeconds: 0.1, links: [] });
});

test('a card that was reset makes no burst', () => {
  const meter = createBurstMeter(0.1);
  meter.observe(at(0), [], [card(1_000_000)]);
  meter.observe(at(0.1), [], [card(5)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBe(0);
});

test('looks that a busy event loop delayed show a burst too low rather than too high', () => {
  const meter = createCurrentMeter();
  meter.observe({ from: 0, to: 0.07 }, [], [card(1000)]);
  meter.take();
  meter.observe({ from: 0.14, to: 0.16 }, [], [card(2600)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBeCloseTo(10_000);
});

describe('a card whose counters step once a second', () => {
  /** So many cards of a bond step at different times. */
  function stepping(cards: number) {
    const meter = createBurstMeter(0.1);
    for (let window = 0, steps = 0; window < 50; window += 1) {
      if (window % 10 < cards) steps += 1;
      meter.observe(at(window / 10), [], [card(1000 * steps)]);
    }
    return meter.take().links;
  }

  test('has no bursts, alone and in a bond', () => expect([1, 2, 4].map(stepping)).toEqual([[], [], []]));

  test('has none while looks are late, either', () => {
    const meter = createBurstMeter(0.1);
    for (let look = 0; look < 20; look += 1) meter.observe(at(look * 0.9), [], [card(1000 * look)]);
    expect(meter.take().links).toEqual([]);
  });
});

test('an idle card is reported as such, and its first burst once its counters are known to be current', () => {
  const meter = createCurrentMeter();
  meter.observe(at(0), [], [card(10)]);
  meter.take();
  for (let window = 1; window < 20; window += 1) meter.observe(at(window / 10), [], [card(window < 10 ? 10 : 1010)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBeCloseTo(10_000);
});
