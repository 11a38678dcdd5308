import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type {
  BrokerInterval,
  Consumed,
  HostInterval,
  LoadTestRun,
} from '../../../../../analyzer/evidence/load-test-run.ts';
import type { RehearsalStamp } from '../../../../../core/documents/rehearsal.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const analysed = (run: LoadTestRun) => analyzeRun(run, policy);
const told = (run: LoadTestRun) => analysed(run).findings.map(({ code }) => code);
const gateCodes = new Set([
  'above-line-rate',
  'directions-added-up',
  'bodies-above-counters',
  'bytes-do-not-fit',
  'units-differ',
  'clock-offset',
  'wrong-host',
  'littles-law',
  'copies-behind',
  'copies-caught-up',
  'groups-behind',
  'groups-not-seen',
  'use-not-steady',
  'stated-cores-contradicted',
  'cpu-limit-below-cores',
  'stated-message-size-contradicted',
  'stated-replicas-contradicted',
  'clock-contradicted',
]);

const network =
  (change: (link: NonNullable<HostInterval['network']>[number]) => object) => (interval: HostInterval) => ({
    ...interval,
    network: interval.network?.map((link) => ({ ...link, ...change(link) })) ?? [],
  });

/** Sends nine tenths of the bytes it receives, as with a consumer group. */
const withOut = (run: LoadTestRun) =>
  withIntervals(
    run,
    network(({ inBytesPerSecond }) => ({ outBytesPerSecond: 0.9 * inBytesPerSecond })),
  );

function toldBy(run: LoadTestRun, of: (tps: number) => Partial<BrokerInterval>): LoadTestRun {
  const intervals = run.produced.map(({ from, to, acknowledged }) => ({ from, to, ...of(acknowledged) }));
  return { ...run, brokers: new Map([['1', intervals]]) };
}

function consumedBy(run: LoadTestRun, share: (rate: number) => number): LoadTestRun {
  const consumed = run.produced.map(({ from, to, acknowledged }): Consumed => ({
    from,
    to,
    worker: 'consumer-0',
    group: 'billing',
    messages: acknowledged * share(acknowledged),
    eventLoopUtilisation: 0.1,
    cpuSeconds: 0.1,
  }));
  return { ...run, consumed, document: { ...run.document, workload: { ...run.document.workload, groups: 1 } } };
}

/** Delays the timestamps of the host by `seconds`. */
const late = (run: LoadTestRun, seconds: number) =>
  withIntervals(run, (interval) => ({ ...interval, from: interval.from + seconds, to: interval.to + seconds }));

test('a run with consistent figures passes and keeps its verdict', () => {
  const analysis = analysed(plainRun());
  expect(analysis.safeMaxTps.kind).toBe('predicted');
  expect(analysis.findings.filter(({ code }) => gateCodes.has(code))).toEqual([]);
});

describe('line rate', () => {
  const slower = plainRun({ linkBytesPerSecond: 6.25e6 });
  const stated = (bitsPerSecond: number): LoadTestRun => {
    const series = slower.hosts.get('broker-1');
    if (series?.inventory === undefined) throw new Error('no broker-1');
    const inventory = {
      ...series.inventory,
      networkDevices: [{ device: 'eth0', speed: { bitsPerSecond, source: 'stated' } }],
    };
    return { ...slower, hosts: new Map([['broker-1', { ...series, inventory }]]) };
  };

  test('a run with a card that moved 3.01 MB/s through 10 Mbit/s has no verdict', () => {
    const { safeMaxTps, saturationTps, findings } = analysed(stated(10e6));
    expect(safeMaxTps).toMatchObject({
      kind: 'unknown',
      missing: [{ what: 'the true speed of the network card', node: '1' }],
    });
    expect(saturationTps.kind).toBe('unknown');
    const message = findings.find(({ code }) => code === 'above-line-rate')?.message;
    expect(message).toContain('3.01 MB/s, 241% of what 10 Mbit/s carries');
    expect(message).toContain('the value is in bits');
  });

  test('2% above line rate is accepted as framing and late timestamps', () =>
    expect(told(stated((3.01e6 * 8) / 1.02))).not.toContain('above-line-rate'));

  test('a card stated 4% too slow is contradicted, unless another tool read the counters in other windows', () => {
    const run = stated((3.01e6 * 8) / 1.04);
    expect(analysed(run).safeMaxTps.kind).toBe('unknown');
    expect(told(run)).toContain('above-line-rate');
    const hosts = [...run.hosts].map(([name, series]) => [name, { ...series, readBy: { network: 'sar' } }] as const);
    expect(told({ ...run, hosts: new Map(hosts) })).not.toContain('above-line-rate');
  });
});

test('two directions with equal bytes are rejected if they come from the output of a tool', () => {
  const second = { device: 'eth1', inBytesPerSecond: 1000, outBytesPerSecond: 500 };
  const counted = withIntervals(plainRun(), (interval) => ({
    ...interval,
    network: [
      ...(interval.network ?? []).map((link) => ({ ...link, outBytesPerSecond: link.inBytesPerSecond })),
      second,
    ],
  }));
  expect(told(counted)).not.toContain('directions-added-up');
  const printed = [...counted.hosts].map(
    ([name, series]) => [name, { ...series, readBy: { network: 'a CSV file' } }] as const,
  );
  const run = { ...counted, hosts: new Map(printed) };
  expect(told(run)).toContain('directions-added-up');
  expect(analysed(run).safeMaxTps.kind).toBe('unknown');
});

describe('bytes per message', () => {
  const account = (kind: 'matches' | 'differs', observedBytesPerMessage: number): LoadTestRun => ({
    ...plainRun(),
    wire: {
      kind,
      messages: 180_000,
      toleranceRatio: 0.1,
      directions: [
        { direction: 'network-in', observedBytesPerMessage, leastBytesPerMessage: 552, mostBytesPerMessage: 560 },
      ],
    },
  });

  test('a run whose bytes per message differ from those of the protocol has no verdict', () => {
    const { safeMaxTps, saturationTps, findings } = analysed(account('differs', 700));
    expect(safeMaxTps).toMatchObject({
      kind: 'unknown',
      missing: [{ what: 'counters whose bytes fit the messages', node: 'cluster' }],
    });
    expect(saturationTps.kind).toBe('unknown');
    const message = findings.find(({ code }) => code === 'bytes-do-not-fit')?.message;
    expect(message).toContain('traffic per message was 700 bytes in, but the protocols need 552 to 560');
  });

  test('a run whose bytes per message match keeps its verdict', () => {
    expect(analysed(account('matches', 570)).safeMaxTps.kind).toBe('predicted');
    expect(told(account('matches', 570))).not.toContain('bytes-do-not-fit');
  });
});

describe('message bodies', () => {
  test('fewer bytes on the network than in bodies are a warning, since they may be compressed', () => {
    const run = plainRun({ bytesPerMessage: 250 });
    const { findings, safeMaxTps } = analysed(run);
    expect(findings.find(({ code }) => code === 'bodies-above-counters')?.message).toContain('compressed to 1/2');
    expect(safeMaxTps.kind).not.toBe('unknown');
  });

  test('network traffic of 1% of the body bytes is not explained by compression', () => {
    const { safeMaxTps } = analysed(plainRun({ bytesPerMessage: 5, idleBytes: 100 }));
    expect(safeMaxTps.kind).toBe('unknown');
  });

  test('groups cannot consume more bytes than the card sent', () => {
    expect(told(consumedBy(plainRun(), () => 1))).toContain('bodies-above-counters');
    expect(told(consumedBy(withOut(plainRun()), () => 1))).not.toContain('bodies-above-counters');
  });
});

describe('units', () => {
  test.each([
    [60, 'brokers count per minute'],
    [1 / 60, 'the load counts per minute'],
    [1000, 'the load counts units of a thousand'],
    [1 / 1000, 'brokers count units of a thousand'],
    [8, 'the figures of the brokers are bits'],
  ])('rejects brokers that report %f times the message rate: %s', (factor, why) => {
    const { findings, safeMaxTps } = analysed(
      toldBy(plainRun(), (tps) => ({ messagesInPerSecond: tps * factor + 10 })),
    );
    expect(findings.find(({ code }) => code === 'units-differ')?.message).toContain(why);
    expect(safeMaxTps.kind).toBe('unknown');
  });

  test('traffic of other clients is not taken for a unit error', () => {
    expect(told(toldBy(plainRun(), (tps) => ({ messagesInPerSecond: tps + 59 * 3000 })))).not.toContain('units-differ');
  });

  test('a confusion of MiB with MB is a warning', () => {
    const run = toldBy(plainRun(), (tps) => ({ bytesInPerSecond: (tps * 500) / (2 ** 20 / 1e6) }));
    expect(analysed(run).findings.find(({ code }) => code === 'units-differ')?.severity).toBe('warning');
  });
});

describe('clocks', () => {
  test.each([7, -9])(
    'detects a clock offset of %i s to the second, and names the option that corrects it',
    (seconds) => {
      const run = late(plainRun(), seconds);
      const sources = [{ name: 'sar.txt', format: 'sar', flags: [] }];
      const { findings, safeMaxTps } = analysed({ ...run, document: { ...run.document, sources } });
      const finding = findings.find(({ code }) => code === 'clock-offset');
      expect(finding?.evidence[0]?.value).toBe(seconds);
      expect(finding?.message).toContain(`--clock-offset FILE=${seconds > 0 ? '-' : '+'}${Math.abs(seconds)}s`);
      expect(safeMaxTps.kind).toBe('unknown');
    },
  );

  test.each([12, 24])('detects readings within the run of a host whose clock is %i s late: whole steps', (seconds) => {
    const { intervals = [], ...host } = plainRun().hosts.get('broker-1') ?? {};
    const [idle] = plainRun({ rates: [0, 1000] }).hosts.get('broker-1')?.intervals ?? [];
    const all = [...intervals];
    const read = all.map(({ from, to }) => ({ ...idle, ...all[from - seconds], from, to }));
    const hosts = new Map([['broker-1', { host: 'broker-1', ...host, intervals: read }]]);
    const { findings, safeMaxTps } = analysed({ ...plainRun(), hosts });
    expect(findings.find(({ code }) => code === 'clock-offset')?.evidence[0]?.value).toBe(seconds);
    expect(safeMaxTps.kind).toBe('unknown');
  });

  test.each<[what: string, bytesOf: (rate: number, step: number) => number]>([
    ['other traffic in the highest step', (rate, step) => 600 * rate + (step === 4 ? 2e6 : 0)],
    ['more of it', (rate, step) => 600 * rate + (step === 4 ? 3e6 : 0)],
    ['other traffic that grows with each step', (rate, step) => 600 * rate + 1e6 * step],
    ['bytes that grow faster than the load', (rate) => 19 * rate ** 1.5],
    ['groups that begin after the first step', (rate, step) => (step === 0 ? 600 : 2400) * rate],
  ])('no clock offset: %s', (_, bytesOf) => {
    const run = withIntervals(plainRun({ linkBytesPerSecond: 1.25e8 }), (interval) => {
      const step = Math.floor(interval.from / 12);
      return network(() => ({ inBytesPerSecond: bytesOf(1000 * (step + 1), step) }))(interval);
    });
    expect(told(run)).not.toContain('clock-offset');
  });

  test('a clock offset of metrics of the run itself names no file option', () => {
    const { findings, safeMaxTps } = analysed(late(plainRun(), 7));
    const finding = findings.find(({ code }) => code === 'clock-offset');
    expect(finding?.message).toContain('Repeat the load test; no verdict is made of this one.');
    expect(JSON.stringify([finding?.message, safeMaxTps])).not.toContain('--clock-offset');
  });

  test('a broker that the rehearsal stopped has no clock offset finding', () => {
    const run = late(plainRun(), 7);
    const [broker = ''] = run.document.environment.brokers.map(({ id }) => id);
    const rehearsal: RehearsalStamp = {
      promotion: 'Double 11 2026',
      history: { promotion: 'Double 11 2025', from: '2025-11-11T00:00:00Z', to: '2025-11-11T01:00:00Z', source: 'x' },
      scale: 1,
      compress: 6,
      stepSeconds: 10,
      stop: { broker, step: 1, rehearsalSeconds: 10, promotionMinutes: 1, lastsSeconds: 20 },
      predicted: { kind: 'none' },
    };
    expect(told({ ...run, document: { ...run.document, rehearsal } })).not.toContain('clock-offset');
  });

  test('tolerates an offset of one second', () => expect(told(late(plainRun(), 1))).not.toContain('clock-offset'));
  test('a constant load shows no clock offset', () =>
    expect(told(late(plainRun({ rates: [3000, 3000, 3000] }), 7))).not.toContain('clock-offset'));
});

test('counters of the wrong host are reported with the host whose counters follow the load', () => {
  const both = withIntervals(plainRun(), (interval) => interval, 'other');
  expect(told(both)).not.toContain('wrong-host');
  const swapped = withIntervals(both, (interval) => ({
    ...interval,
    network: [{ device: 'eth0', inBytesPerSecond: 1000 + (interval.from % 7), outBytesPerSecond: 1200 }],
  }));
  const { findings, safeMaxTps } = analysed(swapped);
  expect(findings.find(({ code }) => code === 'wrong-host')?.message).toContain('runs on other');
  expect(safeMaxTps).toMatchObject({ kind: 'unknown' });
});

test('small variations of a constant load do not identify its host', () => {
  const varied = (from: number) => 3000 + 10 * (from % 5);
  const run = plainRun({ rates: [3000, 3000, 3000] });
  const produced = run.produced.map((line) => ({ ...line, acknowledged: varied(line.from) }));
  const counting = (bytes: (from: number) => number) => (interval: HostInterval) => ({
    ...interval,
    network: [{ device: 'eth0', inBytesPerSecond: bytes(interval.from), outBytesPerSecond: 1000 }],
  });
  const both = withIntervals({ ...run, produced }, counting(varied), 'other');
  expect(
    told(
      withIntervals(
        both,
        counting(() => 1000),
      ),
    ),
  ).not.toContain('wrong-host');
});

describe("Little's law", () => {
  const withLatency = (latencyMeanSeconds: number): LoadTestRun => {
    const run = plainRun();
    return { ...run, steps: run.steps.map((step) => ({ ...step, latencyMeanSeconds })) };
  };
  test('reports half a second of latency without messages in flight', () =>
    expect(told(withLatency(0.5))).toContain('littles-law'));
  test('tolerates latencies of milliseconds', () => expect(told(withLatency(0.005))).not.toContain('littles-law'));
});

test('a group that reads 10% less without growing lag weakens the verdict', () => {
  const run = consumedBy(withOut(plainRun({ stepSeconds: 60 })), (rate) => (rate > 3500 ? 0.9 : 1));
  const lag = run.consumed.map(({ to, group }) => ({ elapsedSeconds: to - 0.5, group, messages: 100 }));
  const { safeMaxTps, findings } = analysed({ ...run, lag });
  expect(findings.find(({ code }) => code === 'groups-behind')?.message).toContain(
    'From 4,000 msg/s on, consumer group billing',
  );
  expect(safeMaxTps).toEqual({ kind: 'at-least', tps: 3000, reason: 'figures-in-doubt' });
});

test('a group that reads delayed messages after their delay is not behind', () => {
  const run = consumedBy(withOut(plainRun({ stepSeconds: 60 })), () => 1);
  const readIn = (second: number) => run.consumed[second - 30]?.messages ?? 0;
  const consumed = run.consumed.map((line, second) => ({ ...line, messages: readIn(second) }));
  const lag = consumed.map(({ to, group }) => ({ elapsedSeconds: to - 0.5, group, messages: 100 }));
  const findingsOf = (workload: Record<string, unknown>) => {
    const resume = { workload, keepTopic: false, ownTopics: [], clusterDigest: '' };
    return told({ ...run, consumed, lag, document: { ...run.document, resume } });
  };
  expect(findingsOf({})).toContain('groups-behind');
  expect(findingsOf({ delay: { after: 30 } })).not.toContain('groups-behind');
});

test('groups without lag metrics are reported', () => {
  const unseen = plainRun();
  expect(told({ ...unseen, document: { ...unseen.document, workload: { messageBytes: 500, groups: 2 } } })).toContain(
    'groups-not-seen',
  );
});

test('throttling by a quota reduces the verdict to at-least below the throttled rate', () => {
  const run = toldBy(plainRun(), (tps) => ({ throttledSeconds: tps >= 4000 ? 0.2 : 0 }));
  expect(analysed(run).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 3000 });
});

test('CPU use that climbs within a step is reported, unless the host is idle', () => {
  const climbing = (coreSecondsPerMessage: number) =>
    withIntervals(plainRun({ stepSeconds: 30, coreSecondsPerMessage }), (interval) => ({
      ...interval,
      ...(interval.cpu && {
        cpu: { ...interval.cpu, busyCores: interval.cpu.busyCores * (1 + (interval.from % 30) / 60) },
      }),
    }));
  expect(told(climbing(2e-4))).toContain('use-not-steady');
  expect(told(climbing(2e-5))).not.toContain('use-not-steady');
});

test('doubtful figures never raise the safe maximum', () => {
  const before = analysed(plainRun()).safeMaxTps;
  const after = analysed({
    ...plainRun(),
    underReplicated: [
      { elapsedSeconds: 40, partitions: 1 },
      { elapsedSeconds: 41, partitions: 1 },
    ],
  }).safeMaxTps;
  if (before.kind !== 'predicted' || after.kind !== 'at-least') throw new Error(`${before.kind}, ${after.kind}`);
  expect(after.tps).toBeLessThanOrEqual(before.tps);
});
