import { expect, test } from 'vitest';
import { AnalyzerConfig, resolvePolicy } from '../../../../core/policy/policy-config.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import type { Analysis } from '../../../../core/documents/analysis.ts';
import { analyzeProduction } from '../../../../analyzer/production/analyze-production.ts';
import { blocksOf } from '../../../../analyzer/production/blocks.ts';
import { assembled } from '../../../../analyzer/evidence/sources/assembly.ts';
import { readNamingSchemes } from '../../../../analyzer/evidence/sources/naming-schemes.ts';
import type { FigureSeries } from '../../../../analyzer/evidence/sources/figure-series.ts';
import type { FigureName } from '../../../../analyzer/evidence/sources/figures.ts';
import type { SourceTelemetry } from '../../../../analyzer/evidence/sources/telemetry.ts';
import { topologyEventsOf } from '../../../../analyzer/evidence/sources/topology-events.ts';

const policy = examplePolicy();
const minute = 60;

/** One broker with four cores, with 2e-4 core seconds per message. */
function days(rateAt: (moment: number) => number, over: Partial<SourceTelemetry> = {}): SourceTelemetry {
  const moments = Array.from({ length: 24 * 60 }, (_, k) => k * minute);
  // Noise that repeats: without it, the p99 of a line would have no spread.
  const noise = (moment: number) => 1 + 0.02 * Math.sin(moment * 12.9898);
  return {
    source: { name: 'days', format: 'prometheus', flags: [] },
    startedAt: '2026-11-02T00:00:00.000Z',
    durationSeconds: 86_400,
    environment: { hosts: [], brokers: [{ id: '1', address: 'a:9092', host: 'a' }] },
    hosts: new Map([
      [
        'a',
        {
          host: 'a',
          inventory: { host: 'a', cores: 4 },
          intervals: moments.map((from) => ({
            from,
            to: from + minute,
            cpu: { busyCores: (0.1 + 2e-4 * rateAt(from)) * noise(from), iowaitCores: 0, stealCores: 0, cores: 4 },
          })),
        },
      ],
    ]),
    brokers: new Map(),
    lag: [],
    underReplicated: [],
    traffic: moments.map((from) => ({ from, to: from + minute, messagesPerSecond: rateAt(from) })),
    events: [],
    findings: [],
    inventory: [],
    cost: { requests: 0, wireBytes: 0 },
    ...over,
  };
}

const wave = (moment: number) => 7000 + 3500 * Math.sin((2 * Math.PI * moment) / 86_400);
const steady = (moment: number) => 7000 + 300 * Math.sin((2 * Math.PI * moment) / 86_400);

test('an SLO is reported as not measured, since production has no client latencies', () => {
  const slo = { publishLatencyP99: '50ms', lagTime: '30s', sendErrors: '0.1%' };
  const withSlo = resolvePolicy(AnalyzerConfig.parse({ slo }));
  const unmeasured = (by: typeof policy) =>
    analyzeProduction(days(wave), { cluster: 'c' }, by).findings.filter(({ code }) => code === 'slo-unmeasured');
  expect(unmeasured(policy)).toEqual([]);
  expect(unmeasured(withSlo).map(({ message }) => message.replace(/ was not measured.*/, ''))).toEqual([
    'publish-latency of cluster',
    'send-errors of cluster',
    'consumer-lag of cluster',
  ]);
});

const verdictOf = (telemetry: SourceTelemetry) => {
  const { safeMaxTps, findings } = analyzeProduction(telemetry, { cluster: 'c' }, policy);
  return { safeMaxTps, codes: findings.map(({ code }) => code) };
};

test('a day with a wave of traffic yields the rate at which the CPU reaches the policy limit', () => {
  const { safeMaxTps } = verdictOf(days(wave));
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  // (0.7 · 4 / 1.02 … 1.05 − 0.1) / 2e-4
  expect(safeMaxTps.estimateTps).toBeGreaterThan(12_700);
  expect(safeMaxTps.estimateTps).toBeLessThan(13_300);
});

test('traffic that repeats every hour is not taken for other load', () => {
  const hourly = (moment: number) => 7000 + 3500 * Math.sin((2 * Math.PI * moment) / 3600);
  // Within the day traffic grows by 1%, and the cost per message by 0.3%: the only change from one hour to the next.
  const telemetry = days((moment) => hourly(moment) * (1 + (0.01 * moment) / 86_400));
  const host = telemetry.hosts.get('a');
  if (host === undefined) throw new Error('no host');
  const intervals = [...host.intervals].map((interval, k) => ({
    ...interval,
    cpu: {
      busyCores: 0.1 + 2e-4 * hourly(interval.from) * (1 + (0.013 * k) / 1440),
      iowaitCores: 0,
      stealCores: 0,
      cores: 4,
    },
  }));
  const { safeMaxTps, codes } = verdictOf({ ...telemetry, hosts: new Map([['a', { ...host, intervals }]]) });
  expect(codes).not.toContain('other-load-with-traffic');
  expect(safeMaxTps.kind).toBe('predicted');
});

test('nearly constant traffic yields only the observed rate', () => {
  const { safeMaxTps, codes } = verdictOf(days(steady));
  expect(safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
  expect('tps' in safeMaxTps ? safeMaxTps.tps : 0).toBeCloseTo(7300, -2);
  expect(codes).toContain('traffic-too-steady');
});

test('doubtful fits predict no N-1 rate', () => {
  const brokers = ['a', 'b'].map((host, place) => ({ id: `${place + 1}`, address: `${host}:9092`, host }));
  const twoBrokers = (rateAt: (moment: number) => number) => {
    const telemetry = days(rateAt, { environment: { hosts: [], brokers } });
    const own = telemetry.hosts.get('a') ?? expect.fail('no host');
    const other = { ...own, host: 'b', inventory: { host: 'b', cores: 4 } };
    const hosts = new Map(telemetry.hosts).set('b', other);
    return analyzeProduction({ ...telemetry, hosts }, { cluster: 'c' }, policy);
  };
  expect(
    twoBrokers(wave)
      .withoutOne?.map(({ id }) => id)
      .toSorted(),
  ).toEqual(['1', '2']);
  const doubted = twoBrokers(steady);
  expect(doubted.findings.map(({ code }) => code)).toContain('traffic-too-steady');
  expect(doubted.safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
  expect(doubted).not.toHaveProperty('withoutOne');
  expect(doubted.withoutOneUnknown).toEqual(
    ['1', '2'].map((id) => ({
      lost: 'broker',
      id,
      missing: [{ what: 'rate that is not in doubt', node: 'cluster' }],
    })),
  );
});

/** N-1 results of Kafka processes with the ids 1 to 6, of which the first three are brokers. */
function lossesOf(ids: readonly string[], countersOfControllers: boolean): Analysis['withoutOne'] {
  const hostOf = Object.fromEntries(ids.map((id) => [id, { host: `host-${id}` }]));
  const figure = (name: FigureName, target: string, value: number): FigureSeries => ({
    figure: name,
    target,
    addresses: [],
    firstEnd: minute,
    gridSeconds: minute,
    values: new Float64Array(24 * 60).fill(value),
    source: 'jmx-exporter',
  });
  const series = ids.flatMap((id) => {
    const isBroker = Number(id) <= 3;
    const counter = figure('messagesInPerSecond', id, isBroker ? 2000 : 0);
    return [figure('fetchRequestsPerSecond', id, 5), ...(isBroker || countersOfControllers ? [counter] : [])];
  });
  const { environment, brokers } = assembled({
    name: 'days',
    format: 'prometheus',
    span: { from: 0, to: 86_400 },
    series,
    stated: { hosts: {}, brokers: hostOf },
    inventory: [],
    findings: [],
    cost: { requests: 0, wireBytes: 0 },
  });
  const telemetry = days(wave, { environment, brokers });
  const own = telemetry.hosts.get('a') ?? expect.fail('no host');
  const hosts = new Map(
    Object.values(hostOf).map(({ host }) => [host, { ...own, host, inventory: { host, cores: 4 } }] as const),
  );
  return analyzeProduction({ ...telemetry, hosts }, { cluster: 'c' }, policy).withoutOne;
}

test.each([true, false])(
  'dedicated KRaft controllers take over no traffic (with message counters, which remain 0: %s)',
  (countersOfControllers) => {
    const brokers = lossesOf(['1', '2', '3'], countersOfControllers);
    expect(brokers?.map(({ id }) => id).toSorted()).toEqual(['1', '2', '3']);
    expect(lossesOf(['1', '2', '3', '4', '5', '6'], countersOfControllers)).toEqual(brokers);
  },
);

test('a broker without a host mapping leaves the safe maximum unknown and is named', () => {
  const environment = {
    hosts: [],
    brokers: [
      { id: '1', address: 'a:9092', host: 'a' },
      { id: '2', address: 'b:9092' },
    ],
  };
  const { safeMaxTps, codes } = verdictOf(days(wave, { environment }));
  expect(safeMaxTps).toEqual({ kind: 'unknown', missing: [{ what: 'host it runs on', node: '2' }] });
  expect(codes).toContain('host-unmapped');
  // The same fault as host-unknown, with another section of the config file.
  expect(codes).not.toContain('host-unknown');
});

test('without traffic the safe maximum is unknown', () => {
  expect(verdictOf(days(wave, { traffic: [] })).safeMaxTps).toMatchObject({ kind: 'unknown' });
});

test('half a day with other load is separated from the other half and not counted as cost per message', () => {
  const other = (moment: number) => (moment % 86_400 < 43_200 ? 1 : 0);
  const telemetry = days(wave);
  const host = telemetry.hosts.get('a');
  if (host === undefined) throw new Error('no host');
  const intervals = [...host.intervals].map((interval) => ({
    ...interval,
    cpu: {
      busyCores: 0.1 + 5e-5 * wave(interval.from) + other(interval.from),
      iowaitCores: 0,
      stealCores: 0,
      cores: 4,
    },
  }));
  const { safeMaxTps, codes } = verdictOf({ ...telemetry, hosts: new Map([['a', { ...host, intervals }]]) });
  expect(safeMaxTps.kind).toBe('at-least');
  expect(codes).toContain('regime-chosen');
});

test('after a broker was added, the verdict covers only the hours before and is dated to their end', () => {
  const at = 18 * 3600;
  // Steady traffic since then, which is not enough to judge the larger cluster.
  const rateAt = (moment: number) => (moment < at ? wave(moment) : 7000);
  const event = { elapsedSeconds: at, kind: 'broker-count', before: 1, after: 2 } as const;
  const judge = (events: SourceTelemetry['events']) =>
    analyzeProduction(days(rateAt, { events }), { cluster: 'c' }, policy).run.judgedUntil;
  expect(judge([])).toBeUndefined();
  const judgedUntil = Date.parse(judge([event]) ?? '') - Date.parse('2026-11-02T00:00:00.000Z');
  expect(judgedUntil).toBeGreaterThan(1000 * (at - 3600));
  expect(judgedUntil).toBeLessThanOrEqual(1000 * at);
});

test('a broker that is away for three minutes does not end the judged period', () => {
  const values = new Float64Array(24 * 60).fill(3);
  values.fill(2, 720, 723);
  const brokerCount: FigureSeries = {
    figure: 'brokerCount',
    target: 'cluster',
    addresses: [],
    firstEnd: minute,
    gridSeconds: minute,
    values,
    source: 'jmx-exporter',
  };
  const events = topologyEventsOf([brokerCount], Date.parse('2026-11-02T00:00:00.000Z') / 1000);
  expect(events).toHaveLength(2);
  const { held, findings } = analyzeProduction(days(wave, { events }), { cluster: 'c' }, policy);
  expect(findings.map(({ code }) => code)).not.toContain('regime-chosen');
  // The peak at six o'clock, before the broker was away.
  expect(held?.tps).toBeGreaterThan(10_400);
});

/** A broker is away for one hour; in the two hours since, traffic is steady and the cost per message is 1.3 times as high. */
test('intervals since a broker returned count for the recent cost per message', () => {
  const [away, back] = [21 * 3600, 22 * 3600];
  const telemetry = days((moment) => (moment < away ? wave(moment) : 7000), {
    events: [
      { elapsedSeconds: away, kind: 'broker-count', before: 3, after: 2 },
      { elapsedSeconds: back, kind: 'broker-count', before: 2, after: 3 },
    ],
  });
  const own = telemetry.hosts.get('a') ?? expect.fail('no host');
  const intervals = [...own.intervals].map((interval) => {
    const { cpu } = interval;
    const factor = interval.from >= back ? 1.3 : 1;
    return { ...interval, ...(cpu && { cpu: { ...cpu, busyCores: cpu.busyCores * factor } }) };
  });
  expect(verdictOf({ ...telemetry, hosts: new Map([['a', { ...own, intervals }]]) }).codes).toContain(
    'cost-changed-recently',
  );
});

test('the extrapolation factor is relative to the busiest 15 minutes, not to the mean of the highest level', () => {
  const peakOf = (peak: number, mean: number, swing: number) => (moment: number) =>
    moment >= 36_000 && moment < 37_800 ? peak : mean + swing * Math.sin((2 * Math.PI * moment) / 86_400);
  const { saturationTps } = analyzeProduction(days(peakOf(12_500, 7000, 2500)), { cluster: 'c' }, policy);
  if (saturationTps.kind !== 'predicted') throw new Error(saturationTps.kind);
  expect(saturationTps.extrapolationFactor).toBeCloseTo(saturationTps.estimateTps / 12_500, 3);
  const near = analyzeProduction(days(peakOf(12_000, 4000, 1500)), { cluster: 'c' }, policy);
  expect(near.safeMaxTps.kind).toBe('predicted');
  expect(near).not.toHaveProperty('extrapolated');
});

test('followers that fetch every byte are replicas: at N-1 they store the same and only lead more', () => {
  const ids = ['1', '2', '3'];
  const lossesWith = (followers: number | undefined, readers = 1) => {
    const brokers = ids.map((id) => ({ id, address: `${id}:9092`, host: id }));
    const telemetry = days(wave, { environment: { hosts: [], brokers } });
    const own = telemetry.hosts.get('a') ?? expect.fail('no host');
    const figures = telemetry.traffic.map(({ from, to, messagesPerSecond }) => ({
      from,
      to,
      messagesInPerSecond: messagesPerSecond / 3,
      bytesInPerSecond: 100 * messagesPerSecond,
      ...(followers !== undefined && { replicationBytesInPerSecond: followers * 100 * messagesPerSecond }),
      bytesOutPerSecond: readers * 100 * messagesPerSecond,
    }));
    const hosts = new Map(ids.map((host) => [host, { ...own, host, inventory: { host, cores: 4 } }]));
    const all = { ...telemetry, hosts, brokers: new Map(ids.map((id) => [id, figures])) };
    return analyzeProduction(all, { cluster: 'c' }, policy).withoutOne ?? expect.fail('no losses');
  };
  const [unknown, known] = [lossesWith(undefined), lossesWith(2)];
  expect(known[0]?.basis?.assumptions).toContain('leaders move evenly to the other brokers');
  expect(known[0]?.tps).toBeGreaterThan(unknown[0]?.tps ?? Infinity);
  // A quarter of the traffic has one replica.
  expect(lossesWith(1.5)).toEqual(unknown);
  // Each reader adds work to a leader, which other brokers have to take over.
  const tps = [0, 1, 1.4, 3].map((readers) => lossesWith(2, readers)[0]?.tps ?? expect.fail('no rate'));
  expect(tps).toEqual(tps.toSorted((a, b) => b - a));
  expect(new Set(tps).size).toBe(4);
});

/** Two brokers; the second has figures only at times when `isThere` is true. */
function brokerPair(isThere: (moment: number) => boolean, over: Partial<SourceTelemetry> = {}): SourceTelemetry {
  const telemetry = days(wave, over);
  const own = telemetry.hosts.get('a') ?? expect.fail('no host');
  const figures = days(wave).traffic.map(({ from, to, messagesPerSecond }) => ({
    from,
    to,
    messagesInPerSecond: messagesPerSecond / 2,
    bytesInPerSecond: 500 * messagesPerSecond,
  }));
  return {
    ...telemetry,
    environment: { hosts: [], brokers: ['1', '2'].map((id) => ({ id, address: `${id}:9092`, host: `host-${id}` })) },
    hosts: new Map([
      ['host-1', { ...own, host: 'host-1' }],
      ['host-2', { ...own, host: 'host-2', intervals: own.intervals.filter(({ from }) => isThere(from)) }],
    ]),
    brokers: new Map([
      ['1', figures],
      ['2', figures.filter(({ from }) => isThere(from))],
    ]),
  };
}
const noon = 12 * 3600;

test('a removed broker is not part of the cluster since its removal', () => {
  const event = { elapsedSeconds: noon, kind: 'broker-count', before: 2, after: 1 } as const;
  const removed = brokerPair((moment) => moment < noon, { events: [event] });
  const { perBroker, resources, withoutOne, findings, run } = analyzeProduction(removed, { cluster: 'c' }, policy);
  expect(perBroker.map(({ broker }) => broker)).toEqual(['1']);
  expect(new Set(resources.map(({ node }) => node))).toEqual(new Set(['1']));
  expect(withoutOne).toBeUndefined();
  expect(run.judgedUntil).toBeUndefined();
  expect(findings.map(({ code }) => code)).not.toContain('traffic-ends-early');
});

test('traffic that ends early is a warning with the broker that lacks it, and dates the verdict earlier', () => {
  const traffic = days(wave).traffic.filter(({ from }) => from < noon);
  const { findings, run } = analyzeProduction(
    brokerPair((moment) => moment < noon, { traffic }),
    { cluster: 'c' },
    policy,
  );
  const early = findings.find(({ code }) => code === 'traffic-ends-early');
  expect(early?.severity).toBe('warning');
  expect(early?.message).toContain('since 2026-11-02T12:00 UTC');
  expect(early?.message).toContain('Brokers without a rate for all or part of that time: 2.');
  expect(run.judgedUntil).toBe('2026-11-02T12:00:00.000Z');
  expect(verdictOf(days(wave)).codes).not.toContain('traffic-ends-early');
});

test('without any cluster rate, the broker without a rate is named', () => {
  const { safeMaxTps } = verdictOf(brokerPair((moment) => moment < noon, { traffic: [] }));
  const what = '15 minutes of produced messages per second, without gaps';
  expect(safeMaxTps).toEqual({ kind: 'unknown', missing: [{ what, node: '2' }] });
});

test('an hour with a rate only from offsets is excluded, since the bytes of a broker are unknown', () => {
  const isThere = (moment: number) => moment < noon || moment >= noon + 3600;
  const sizesOf = (telemetry: SourceTelemetry) => blocksOf(telemetry).map(({ bytesPerMessage }) => bytesPerMessage);
  expect(sizesOf(brokerPair(isThere))).toEqual(Array.from({ length: 92 }, () => expect.closeTo(1000) as number));
  // The number of brokers shows that the second broker was away, so the first has all bytes.
  const events = [
    { elapsedSeconds: noon, kind: 'broker-count', before: 2, after: 1 },
    { elapsedSeconds: noon + 3600, kind: 'broker-count', before: 1, after: 2 },
  ] as const;
  expect(sizesOf(brokerPair(isThere, { events }))).not.toContain(undefined);
  expect(sizesOf(brokerPair(isThere, { events }))).toHaveLength(96);
});

test('figures by the names of RocketMQ show the kind: a returning slave copies from its master', () => {
  const ids = ['a:0', 'a:1', 'b:0', 'b:1'];
  const brokers = ids.map((id) => ({ id, address: `${id}:10911`, host: id }));
  const telemetry = days(wave, { environment: { hosts: [], brokers } });
  const own = telemetry.hosts.get('a') ?? expect.fail('no host');
  const hosts = new Map(ids.map((host) => [host, { ...own, host, inventory: { host, cores: 4 } }] as const));
  const found = (scheme: string) => ({ figure: 'messagesInPerSecond', of: 'broker', scheme, targets: ids }) as const;
  const returningOf = (schemes: readonly string[]) => {
    const rest = { kind: 'found', isNeeded: true, expression: '', citation: '', missingFor: [] } as const;
    const inventory = schemes.map((scheme) => ({ ...found(scheme), ...rest }));
    const { run, withoutOne } = analyzeProduction({ ...telemetry, hosts, inventory }, { cluster: 'c' }, policy);
    const { tps, returning } = withoutOne?.find(({ id }) => id === 'a:1') ?? expect.fail('no loss');
    return { broker: run.broker, share: (returning?.tps ?? 0) / tps };
  };
  const names = readNamingSchemes().map(({ scheme }) => scheme);
  const ofRocketmq = names.filter((name) => name.startsWith('rocketmq') || name.endsWith('rocketmq'));
  expect(ofRocketmq).toHaveLength(3);
  for (const name of ofRocketmq)
    expect(returningOf([name])).toEqual({ broker: 'rocketmq', share: expect.closeTo(0.75, 6) });
  // Several kinds behind one name, or a name that several kinds may have, do not show it.
  for (const unclear of [names, ['node-exporter']]) expect(returningOf(unclear)).toEqual({ share: 1 });
});
