import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import type { TelemetryEnvironment, TelemetryRecord } from '../../../../core/documents/evidence/telemetry.ts';
import { messagesPerSecond } from '../../../../core/units.ts';
import { seconds } from '../../../../core/clock.ts';
import { createRunProgressSum } from '../../../../loadgen/record/run-progress-sum.ts';
import type { LimitVerdict, TrialEvidence } from '../../../../core/limit-judge.ts';
import { completeCriteria, CriteriaOptions } from '../../../../loadgen/search/criteria/criteria-options.ts';
import { judge, shouldReject } from '../../../../loadgen/search/criteria/judge.ts';
import { createLatencyRecorder } from '../../../../loadgen/record/latency.ts';
import { watchTrials } from '../../../../loadgen/search/trial-watch.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { recordedJournal } from '../../../support/recorded-journal.ts';
import { idleCard } from '../../../support/idle-counters.ts';

const trial = { rate: messagesPerSecond(1000), duration: seconds(10), purpose: 'rise' as const };

function cardAt(elapsedSeconds: number, receiveBytes: number): TelemetryRecord {
  const card = { ...idleCard, receiveBytes };
  return { kind: 'host', host: 'b', elapsedSeconds, scrapeSeconds: 0, reading: { networkDevices: [card] } };
}

test('counters read at irregular times do not overstate the use of a link', () => {
  const speed = { bitsPerSecond: 8000, source: 'config' };
  const watch = watchTrials(createRunProgressSum([]), {
    hosts: [{ host: 'b', networkDevices: [{ device: 'eth0', speed }] }],
    brokers: [],
  });
  watch.begin(trial, 0);
  // 800 bytes a second on a link of 1,000; every other reading is 0.7 s late.
  for (let second = 0; second <= 8; second++) watch.see([cardAt(second + (second % 2) * 0.7, second * 800)]);
  const used = watch.figures(10).hosts?.find(({ resource }) => resource === 'network-in')?.utilisation;
  expect(used).toBeCloseTo(0.8, 6);
});

test('the busiest of several NICs of a host counts', () => {
  const speed = { bitsPerSecond: 8000, source: 'config' };
  const networkDevices = ['eth0', 'eth1'].map((device) => ({ device, speed }));
  const watch = watchTrials(createRunProgressSum([]), { hosts: [{ host: 'b', networkDevices }], brokers: [] });
  watch.begin(trial, 0);
  for (let second = 0; second <= 8; second++) {
    const busy = { ...idleCard, receiveBytes: second * 800 };
    const reading = { networkDevices: [busy, { ...idleCard, device: 'eth1' }] };
    watch.see([{ kind: 'host', host: 'b', elapsedSeconds: second, scrapeSeconds: 0, reading }]);
  }
  const used = watch.figures(10).hosts?.filter(({ resource }) => resource === 'network-in');
  expect(used?.map(({ utilisation }) => utilisation)).toEqual([expect.closeTo(0.8, 6)]);
});

test('a NIC whose counters start again has no load for that interval instead of a negative one', () => {
  const speed = { bitsPerSecond: 8000, source: 'config' };
  const watch = watchTrials(createRunProgressSum([]), {
    hosts: [{ host: 'b', networkDevices: [{ device: 'eth0', speed }] }],
    brokers: [],
  });
  watch.begin(trial, 0);
  for (let second = 0; second <= 8; second++) watch.see([cardAt(second, (second % 5) * 800)]);
  const used = watch.figures(10).hosts?.find(({ resource }) => resource === 'network-in')?.utilisation;
  expect(used).toBeCloseTo(0.8, 6);
});

interface Placed extends Pick<TelemetryEnvironment, 'generatorHost' | 'workerHosts'> {
  brokerHost: string;
}
const alone: Placed = { brokerHost: 'b', generatorHost: 'g' };
const worker: Placed = { brokerHost: 'b', generatorHost: 'c', workerHosts: ['g'] };
test.each([
  { on: 'a host without brokers', ...alone, search: 'find-safe' as const, kind: 'excluded' },
  { on: 'a host without brokers', ...alone, search: 'find-max' as const, kind: 'excluded' },
  { on: 'the machine of a worker', ...worker, search: 'find-safe' as const, kind: 'excluded' },
  { on: 'the machine of a worker', ...worker, search: 'find-max' as const, kind: 'excluded' },
  { on: 'the host of a broker', ...alone, brokerHost: 'g', search: 'find-safe' as const, kind: 'failed' },
  { on: 'the host of a broker', ...alone, brokerHost: 'g', search: 'find-max' as const, kind: 'failed' },
])('a generator on $on with a saturated NIC: a trial of $search that also fails has $kind', (row) => {
  const { brokerHost, search, kind, on: _, ...generator } = row;
  const speed = { bitsPerSecond: 8000, source: 'config' };
  const watch = watchTrials(createRunProgressSum([]), {
    hosts: [{ host: 'g', networkDevices: [{ device: 'eth0', speed }] }],
    brokers: [{ id: '1', address: 'b:9092', host: brokerHost }],
    ...generator,
  });
  watch.begin(trial, 0);
  // 950 bytes a second on a link of 1,000.
  for (let second = 0; second <= 8; second++) {
    watch.see([{ ...cardAt(second, second * 950), host: 'g' } as TelemetryRecord]);
  }
  const criteria = completeCriteria(CriteriaOptions.parse({}), search, examplePolicy());
  const figures = watch.figures(10, { tookSeconds: 0, lagMessages: 0 });
  expect(judge(figures, criteria).kind).toBe(kind);
  // Nothing was acknowledged; the host of the generator alone fails no trial.
  const achieved = { ...figures, achieved: figures.target };
  const isAboveLimit = kind === 'failed' && search === 'find-safe';
  expect(judge(achieved, criteria).kind).toBe(isAboveLimit ? 'failed' : 'passed');
  expect(shouldReject(achieved, criteria)?.kind).toBe(isAboveLimit ? 'failed' : undefined);
});

test.each([
  { busy: 0.3, kind: 'failed' },
  { busy: 0.99, kind: 'excluded' },
])('a trial in which a group lags has $kind while its consumer thread is busy for $busy', ({ busy, kind }) => {
  const sum = createRunProgressSum(['g']);
  const watch = watchTrials(sum, { hosts: [], brokers: [] });
  const long = { ...trial, duration: seconds(20) };
  const none = createLatencyRecorder().take();
  const lines = (elapsedSeconds: number): JournalLine[] => [
    {
      kind: 'produced',
      elapsedSeconds,
      intervalSeconds: 1,
      worker: 'producer-0',
      intended: 1000,
      sent: 1000,
      acknowledged: 1000,
      failed: 0,
      requests: 100,
      bytes: 1e6,
      latency: none,
      sendDelay: none,
      eventLoopUtilisation: 0.2,
      eventLoopDelayMaxSeconds: 0.001,
      cpuSeconds: 0.2,
    },
    {
      kind: 'consumed',
      elapsedSeconds,
      intervalSeconds: 1,
      worker: 'consumer-1',
      group: 'g',
      messages: 900,
      bytes: 9e5,
      endToEnd: none,
      negativeSamples: 0,
      eventLoopUtilisation: busy,
      cpuSeconds: busy,
    },
  ];
  watch.begin(long, 0);
  for (let second = 1; second <= 20; second++) {
    for (const line of lines(second)) {
      sum.add(line);
      watch.add(line);
    }
    watch.tick(second);
  }
  const criteria = completeCriteria(CriteriaOptions.parse({}), 'find-safe', examplePolicy());
  expect(judge(watch.figures(20, { tookSeconds: 1, lagMessages: 0 }), criteria).kind).toBe(kind);
});

test('limits are checked every five seconds and at the end, with what was recorded in the trial', () => {
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
  // The host's reading before the trial is the base of the counters; broker reports already cover an interval.
  expect(seen[1]?.telemetry.map(({ kind, elapsedSeconds }) => [kind, elapsedSeconds])).toEqual([
    ['host', 19.5],
    ['host', 25],
    ['broker', 25],
  ]);
});

test('a trial with a lost worker does not count the moved share twice', async () => {
  const watch = watchTrials(createRunProgressSum([]), { hosts: [], brokers: [] });
  watch.begin({ ...trial, rate: messagesPerSecond(4000), duration: seconds(12) }, 0);
  for (const line of await recordedJournal('worker-lost')) watch.add(line);
  const { achieved } = watch.figures(12);
  expect(achieved).toBeGreaterThan(3500);
  expect(achieved).toBeLessThan(4000);
});

test.each([
  ['in it', 12],
  ['after its end, by its silence', 5],
])('a failed trial with a lost worker, noticed %s, is excluded', async (_, duration) => {
  const criteria = completeCriteria(
    CriteriaOptions.parse({ p99: '1ms', generatorLag: '10s' }),
    'find-safe',
    examplePolicy(),
  );
  const watch = watchTrials(createRunProgressSum([]), { hosts: [], brokers: [] });
  const lost = { ...trial, rate: messagesPerSecond(4000), duration: seconds(duration) };
  watch.begin(lost, 0);
  for (const line of await recordedJournal('worker-lost')) watch.add(line);
  const excluded = { kind: 'excluded', reason: 'the load generator was the limit: worker producer-0 was lost' };
  expect(shouldReject(watch.figures(duration), criteria)).toEqual(excluded);
  expect(judge(watch.figures(duration, { tookSeconds: 0, lagMessages: 0 }), criteria)).toEqual(excluded);
  watch.begin(lost, 20);
  expect(watch.figures(21).generator).not.toHaveProperty('limitedBy');
});

test('the end-to-end p99 of a trial is that of the slowest group', () => {
  const watch = watchTrials(createRunProgressSum(['fast', 'slow']), { hosts: [], brokers: [] });
  watch.begin(trial, 0);
  for (const { group, late } of [
    { group: 'fast', late: 0 },
    { group: 'slow', late: 15 },
  ]) {
    const recorder = createLatencyRecorder();
    for (let message = 0; message < 1000; message++) recorder.record(seconds(message < late ? 0.5 : 0.005));
    watch.add({
      kind: 'consumed',
      elapsedSeconds: 1,
      intervalSeconds: 1,
      worker: `consumer-${group}`,
      group,
      messages: 1000,
      bytes: 1e6,
      endToEnd: recorder.take(),
      negativeSamples: 0,
      eventLoopUtilisation: 0.2,
      cpuSeconds: 0.2,
    });
  }
  expect(watch.figures(2).endToEnd?.p99).toBeCloseTo(0.5, 2);
});

test('dropped messages count as failed', async () => {
  const watch = watchTrials(createRunProgressSum([]), { hosts: [], brokers: [] });
  watch.begin({ ...trial, rate: messagesPerSecond(4000), duration: seconds(12) }, 0);
  for (const line of await recordedJournal('worker-lost')) {
    watch.add(line.kind === 'produced' ? { ...line, failed: 1, dropped: 2 } : line);
  }
  const intervals = (await recordedJournal('worker-lost')).filter(
    (line) => line.kind === 'produced' && line.elapsedSeconds - line.intervalSeconds / 2 < 12,
  );
  expect(watch.figures(12).failedMessages).toBe(3 * intervals.length);
});

/** @returns a watch that records what its judge receives */
function watchedEvidence() {
  const seen: TrialEvidence[] = [];
  const watch = watchTrials(createRunProgressSum([]), { hosts: [], brokers: [] }, undefined, (evidence) => {
    seen.push({ ...evidence, lines: [...evidence.lines] });
    return { kind: 'within' };
  });
  return { seen, watch };
}

test('a long trial is checked less often the longer it runs', () => {
  const { seen, watch } = watchedEvidence();
  const hour = 3600;
  watch.begin({ ...trial, duration: seconds(hour) }, 0);
  for (let second = 1; second <= hour; second++) watch.figures(second);
  const pauses = seen.map(({ to }, index) => to - (seen[index - 1]?.to ?? 0));
  expect([Math.min(...pauses), Math.max(...pauses)]).toEqual([5, 180]);
  // Every 5 s there would be 720.
  expect(seen.length).toBeLessThan(60);
});

test('the judge gets worker lines without histograms and message numbers', async () => {
  const { seen, watch } = watchedEvidence();
  watch.begin({ ...trial, duration: seconds(12) }, 0);
  for (const line of await recordedJournal('worker-lost')) watch.add(line);
  watch.figures(12, { tookSeconds: 0, lagMessages: 0 });
  const produced = seen.at(-1)?.lines.find(({ kind }) => kind === 'produced');
  expect(produced).toMatchObject({ worker: 'producer-1', acknowledged: 998, latency: '' });
  expect(produced).not.toHaveProperty('ledger');
});
