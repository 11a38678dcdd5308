import { expect, test } from 'vitest';
import type { TelemetryRecord } from '../../../core/telemetry.ts';
import { messagesPerSecond, seconds } from '../../../core/units.ts';
import { createRunProgressSum } from '../../../loadgen/run-progress-sum.ts';
import { watchTrials } from '../../../loadgen/trial-watch.ts';

const trial = { rate: messagesPerSecond(1000), duration: seconds(10), purpose: 'rise' as const };

function cardAt(elapsedSeconds: number, receiveBytes: number): TelemetryRecord {
  const card = {
    device: 'eth0',
    receiveBytes,
    receivePackets: 0,
    receiveErrors: 0,
    receiveDrops: 0,
    transmitBytes: 0,
    transmitPackets: 0,
    transmitErrors: 0,
    transmitDrops: 0,
  };
  return { kind: 'host', host: 'b', elapsedSeconds, scrapeSeconds: 0, reading: { networkDevices: [card] } };
}

test('counters that are read now early, now late do not make a link fuller than it is', () => {
  const speed = { bitsPerSecond: 8000, source: 'config' };
  const watch = watchTrials(createRunProgressSum([]), {
    hosts: [{ host: 'b', networkDevices: [{ device: 'eth0', speed }] }],
    brokers: [],
  });
  watch.begin(trial, 0);
  // 800 bytes a second on a link of 1,000; every other time is taken 0.7 s late.
  for (let second = 0; second <= 8; second++) watch.see([cardAt(second + (second % 2) * 0.7, second * 800)]);
  const used = watch.figures(10).hosts?.find(({ resource }) => resource === 'network-in')?.utilisation;
  expect(used).toBeCloseTo(0.8, 6);
});
