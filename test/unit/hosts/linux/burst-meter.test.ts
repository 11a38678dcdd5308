import { describe, expect, test } from 'vitest';
import { createBurstMeter, shareBursts } from '../../../../hosts/linux/burst-watch.ts';
import { idleCard, idleCore } from '../../../support/idle-counters.ts';

const core = (user: number, idle: number) => ({ ...idleCore, user, idle });
const card = (receiveBytes: number) => ({ ...idleCard, receiveBytes });
const at = (seconds: number) => ({ from: seconds, to: seconds });

/** A meter of a card whose counters follow its traffic: they increased in each window of the previous second. */
function createCurrentMeter() {
  const meter = createBurstMeter(0.1);
  for (let window = -10; window < 0; window += 1) meter.observe(at(window / 10), [core(0, 0)], [card(window + 10)]);
  meter.take();
  return meter;
}

test('reports the busiest window of link and core, not the last or the mean', () => {
  const meter = createCurrentMeter();
  meter.observe(at(0), [core(0, 0), core(0, 0)], [card(0)]);
  meter.observe(at(0.1), [core(0.01, 0.09), core(0.08, 0.02)], [card(1000)]);
  meter.observe(at(0.2), [core(0.02, 0.18), core(0.09, 0.11)], [card(1010)]);
  const { coreRatio, links } = meter.take();
  expect(coreRatio).toBeCloseTo(0.8);
  expect(links[0]?.receiveWireBytesPerSecond).toBeCloseTo(10_000);
  expect(links[0]?.transmitWireBytesPerSecond).toBe(0);
});

test('drops reported windows, and measures the next window from the last sample', () => {
  const meter = createCurrentMeter();
  meter.observe(at(0), [], [card(0)]);
  meter.observe(at(0.1), [], [card(1000)]);
  meter.take();
  expect(meter.take().links).toEqual([]);
  meter.observe(at(0.2), [], [card(1100)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBeCloseTo(1000);
});

test('each of several scrapers gets the bursts since its last scrape', () => {
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

test('two samples too close together are not a window, because one tick would be a large share', () => {
  const meter = createBurstMeter(0.1);
  meter.observe(at(0), [core(0, 0)], []);
  meter.observe(at(0.001), [core(0.01, 0)], []);
  expect(meter.take()).toEqual({ windowSeconds: 0.1, links: [] });
});

test('a card that was reset has no burst', () => {
  const meter = createBurstMeter(0.1);
  meter.observe(at(0), [], [card(1_000_000)]);
  meter.observe(at(0.1), [], [card(5)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBe(0);
});

test('samples delayed by a busy event loop understate a burst rather than overstate it', () => {
  const meter = createCurrentMeter();
  meter.observe({ from: 0, to: 0.07 }, [], [card(1000)]);
  meter.take();
  meter.observe({ from: 0.14, to: 0.16 }, [], [card(2600)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBeCloseTo(10_000);
});

describe('a card whose counters step once a second', () => {
  /** @param cards number of cards of a bond whose counters step at different times */
  function stepping(cards: number) {
    const meter = createBurstMeter(0.1);
    for (let window = 0, steps = 0; window < 50; window += 1) {
      if (window % 10 < cards) steps += 1;
      meter.observe(at(window / 10), [], [card(1000 * steps)]);
    }
    return meter.take().links;
  }

  test('has no bursts, alone or in a bond', () => expect([1, 2, 4].map(stepping)).toEqual([[], [], []]));

  test('has no bursts while samples are late, either', () => {
    const meter = createBurstMeter(0.1);
    for (let look = 0; look < 20; look += 1) meter.observe(at(look * 0.9), [], [card(1000 * look)]);
    expect(meter.take().links).toEqual([]);
  });
});

test('reports an idle card as such, and its first burst once its counters are known to be current', () => {
  const meter = createCurrentMeter();
  meter.observe(at(0), [], [card(10)]);
  meter.take();
  for (let window = 1; window < 20; window += 1) meter.observe(at(window / 10), [], [card(window < 10 ? 10 : 1010)]);
  expect(meter.take().links[0]?.receiveWireBytesPerSecond).toBeCloseTo(10_000);
});
