import { expect, test } from 'vitest';
import type { TelemetryRecord } from '../../../../core/documents/evidence/telemetry.ts';
import { messagesPerSecond, seconds } from '../../../../core/units.ts';
import { createRunProgressSum } from '../../../../loadgen/record/run-progress-sum.ts';
import type { LimitVerdict, TrialEvidence } from '../../../../core/limit-judge.ts';
import { watchTrials } from '../../../../loadgen/search/trial-watch.ts';
import { idleCard } from '../../../support/idle-counters.ts';

const trial = { rate: messagesPerSecond(1000), duration: seconds(10), purpose: 'rise' as const };

function cardAt(elapsedSeconds: number, receiveBytes: number): TelemetryRecord {
  const card = { ...idleCard, receiveBytes };
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

test('limits are judged by what was recorded in the trial, every five seconds and at its end', () => {
  const seen: TrialEvidence[] = [];
  const reached: LimitVerdict = {
    kind: 'reached',
    limit: { resource: 'request-handlers', node: '1' },
    measured: 0.97,
    bound: 0.7,
    unit: 'ratio',
    detail: 'request handlers 97% busy',
  };
  const watch = watchTrials(createRunProgressSum([]), { hosts: [], brokers: [] }, undefined, (evidence) => {
    seen.push({ ...evidence, telemetry: [...evidence.telemetry] });
    return reached;
  });
  const brokerAt = (elapsedSeconds: number): TelemetryRecord => ({
    kind: 'broker',
    cluster: 'lab',
    broker: '1',
    elapsedSeconds,
    scrapeSeconds: 0,
    intervalSeconds: 1,
    source: 'jolokia',
    figures: { requestHandlersBusy: 0.97 },
  });
  watch.see([cardAt(19.5, 0), brokerAt(19.5)]);
  watch.begin(trial, 20);
  expect(watch.figures(24).reached).toBeUndefined();
  watch.see([cardAt(25, 100), brokerAt(25)]);
  expect(watch.figures(25).reached).toMatchObject({ limit: { resource: 'request-handlers', node: '1' } });
  expect(watch.figures(26).reached).toBeDefined();
  watch.see([brokerAt(31)]);
  watch.figures(32, { tookSeconds: 1, lagMessages: 0 });
  expect(seen.map(({ from, to }) => [from, to])).toEqual([
    [20, 25],
    [20, 30],
  ]);
  // The host's reading before the trial is there to count from; brokers report over an interval already.
  expect(seen[1]?.telemetry.map(({ kind, elapsedSeconds }) => [kind, elapsedSeconds])).toEqual([
    ['host', 19.5],
    ['host', 25],
    ['broker', 25],
  ]);
});
