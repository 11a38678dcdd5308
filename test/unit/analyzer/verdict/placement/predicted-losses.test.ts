import { describe, expect, test } from 'vitest';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { recordedSettings } from '../../../../../app/load-test/recorded-settings.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { limitAt, placedRun, withCpuShares, type PlacedRun } from '../../../../support/placed-run.ts';
import { threeBrokers } from '../../../../support/go-case.ts';

const policy = examplePolicy();
/** @param minInSyncReplicas setting of the topic; absent if it was not read */
const analyse = (shape: PlacedRun, minInSyncReplicas?: number, change: Partial<LoadTestRun['document']> = {}) => {
  const run = placedRun(shape);
  const topics = minInSyncReplicas === undefined ? [] : [{ topic: 'orders', minInSyncReplicas }];
  const settings = recordedSettings({ processes: [], notices: [], topics }, []);
  return Analysis.parse(analyzeRun({ ...run, document: { ...run.document, settings, ...change } }, policy));
};
const settingsOfBrokers = (ids: readonly string[], values: Record<string, string>) =>
  recordedSettings(
    { processes: ids.map((id) => ({ of: 'broker', id, values: new Map(Object.entries(values)) })), notices: [] },
    [],
  );
const lossOf = ({ withoutOne = [] }: Analysis, id: string) => withoutOne.find((each) => each.id === id);

describe('all leaders on broker 1, three replicas, one group', () => {
  // Broker 1 sends each message to two followers and the group: 5e6 / 3,330 = 1,501 msg/s.
  const analysis = analyse(threeBrokers);

  test('is limited by the outbound traffic of broker 1', () => {
    expect('estimateTps' in analysis.safeMaxTps && analysis.safeMaxTps.estimateTps).toBeCloseTo(
      limitAt('1', threeBrokers),
      -1,
    );
  });

  test('without broker 2 there is one follower less to send to, and the cluster achieves 50% more', () => {
    const loss = lossOf(analysis, '2');
    // By hand: for each message, 2 copies of 1,100 bytes and a response of 30 bytes leave broker 1.
    expect((loss?.estimateTps ?? 0) / ((5e6 - 2e3) / (2 * 1100 + 30))).toBeCloseTo(1, 1);
    expect(Math.abs((loss?.estimateTps ?? 0) / 2241 - 1)).toBeLessThan(0.03);
    expect(loss?.limitedBy).toEqual({ resource: 'network-out', node: '1' });
    expect(loss?.interval?.low).toBe(loss?.tps);
    expect(loss?.basis?.placement).toBe('recorded');
  });

  test('without broker 1 the next replica in the assignment order leads all partitions', () => {
    const loss = lossOf(analysis, '1');
    expect(loss?.limitedBy).toEqual({ resource: 'network-out', node: '2' });
    expect(Math.abs((loss?.estimateTps ?? 0) / 2241 - 1)).toBeLessThan(0.05);
  });

  test('a replica that is not in sync is not elected as leader', () => {
    const rows = [{ leader: '1', replicas: ['1', '2', '3'], outOfSync: ['2'], partitions: 12 }];
    expect(lossOf(analyse({ ...threeBrokers, rows }, 1), '1')?.limitedBy).toEqual({
      resource: 'network-out',
      node: '3',
    });
  });

  test('the card of the new leader is the limit', () => {
    const slow = { ...threeBrokers, cards: { '1': 6.25e6, '2': 3.125e6, '3': 6.25e6 } };
    // Broker 2 sends 2 copies through half the card: half of 2,241.
    expect(Math.abs((lossOf(analyse(slow), '1')?.estimateTps ?? 0) / 1120 - 1)).toBeLessThan(0.05);
  });
});

describe('leaders spread over cards of 50, 50 and 25 Mbit/s', () => {
  const shape: PlacedRun = {
    ...threeBrokers,
    cards: { '1': 6.25e6, '2': 6.25e6, '3': 3.125e6 },
    rows: [
      { leader: '1', replicas: ['1', '2', '3'], partitions: 2 },
      { leader: '1', replicas: ['1', '3', '2'], partitions: 2 },
      { leader: '2', replicas: ['2', '3', '1'], partitions: 2 },
      { leader: '2', replicas: ['2', '1', '3'], partitions: 2 },
      { leader: '3', replicas: ['3', '1', '2'], partitions: 2 },
      { leader: '3', replicas: ['3', '2', '1'], partitions: 2 },
    ],
    rates: [1000, 1200, 1400, 1600, 1800],
  };
  const analysis = analyse(shape);

  test('without the slow broker, the other brokers achieve a higher rate than the whole cluster', () => {
    // Each receives every message, 1,100 bytes and its requests: 5e6 / 1,130 = 4,400; with the slow card 2,180.
    const loss = lossOf(analysis, '3');
    expect(Math.abs((loss?.estimateTps ?? 0) / 4430 - 1)).toBeLessThan(0.05);
  });

  test('without another broker the slow card still receives every message', () => {
    const loss = lossOf(analysis, '1');
    const safe = 'estimateTps' in analysis.safeMaxTps ? analysis.safeMaxTps.estimateTps : 0;
    expect(Math.abs((loss?.estimateTps ?? 0) / safe - 1)).toBeLessThan(0.03);
    expect('node' in (loss?.limitedBy ?? {}) && loss?.limitedBy).toMatchObject({ node: '3' });
  });

  test('with replicas on all brokers, an assumed placement predicts the same loss as a recorded one', () => {
    const assumed = lossOf(analyse({ ...shape, isRecorded: false }), '3');
    expect((assumed?.estimateTps ?? 0) / (lossOf(analysis, '3')?.estimateTps ?? 1)).toBeCloseTo(1, 2);
    expect(assumed?.basis).toMatchObject({ placement: 'assumed' });
  });
});

const twoCopies: PlacedRun = {
  ...threeBrokers,
  cards: { '1': 6.25e6, '2': 6.25e6, '3': 6.25e6, '4': 6.25e6 },
  zones: { '1': 'a', '2': 'a', '3': 'b', '4': 'b' },
  rows: [
    { leader: '1', replicas: ['1', '3'], partitions: 3 },
    { leader: '2', replicas: ['2', '4'], partitions: 3 },
    { leader: '3', replicas: ['3', '1'], partitions: 3 },
    { leader: '4', replicas: ['4', '2'], partitions: 3 },
  ],
  replicationFactor: 2,
  rates: [4000, 5000, 6000, 7000, 8000],
};

test('losing a zone removes both its followers and its leaders', () => {
  const { withoutOne = [], safeMaxTps } = analyse(twoCopies, 1);
  const safe = 'estimateTps' in safeMaxTps ? safeMaxTps.estimateTps : 0;
  // Before, each leads a quarter: 275 in as leader and 275 as follower. After, each leads half and follows nothing: 550 in, as before.
  const zone = withoutOne.find(({ lost, id }) => lost === 'zone' && id === 'a');
  expect(Math.abs((zone?.estimateTps ?? 0) / safe - 1)).toBeLessThan(0.05);
  // Without broker 1, broker 3 leads half and follows nothing: 550 in; 550 out to the group, and none of the 275 to the lost follower.
  const one = withoutOne.find(({ lost, id }) => lost === 'broker' && id === '1');
  expect(Math.abs((one?.estimateTps ?? 0) / ((5e6 - 2e3) / 575) - 1)).toBeLessThan(0.08);
});

describe('a loss that leaves fewer in-sync replicas than min.insync.replicas', () => {
  const nothing = { tps: 0, limitedBy: { resource: 'replication', node: '3' } };

  test('leaves no safe rate for acks=all, whether the broker led or followed, nor while it catches up', () => {
    const loss = lossOf(analyse(twoCopies, 2), '1');
    expect(loss).toMatchObject({ ...nothing, minInSyncReplicas: 2, returning: nothing });
    expect(analyse(twoCopies, 2).withoutOne?.map(({ tps }) => tps)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(lossOf(analyse(twoCopies, 1), '1')?.tps).toBeGreaterThan(0);
  });

  test('applies to a zone with two of three replicas, but not to a single broker', () => {
    const rows = [
      { leader: '1', replicas: ['1', '3', '2'], partitions: 6 },
      { leader: '3', replicas: ['3', '1', '4'], partitions: 6 },
    ];
    const { withoutOne = [] } = analyse(
      { ...twoCopies, rows, replicationFactor: 3, rates: [500, 700, 900, 1100, 1300] },
      2,
    );
    const tpsOf = (kind: string) => withoutOne.filter(({ lost }) => lost === kind).map(({ tps }) => tps > 0);
    expect(tpsOf('zone')).toEqual([false, false]);
    expect(tpsOf('broker')).not.toContain(false);
  });

  test('does not affect sends with acks=leader', () => {
    const { workload } = placedRun(twoCopies).document;
    const change = { workload: { ...workload, acks: 'leader' as const } };
    expect(lossOf(analyse(twoCopies, 2, change), '1')?.tps).toBeGreaterThan(0);
  });

  test('is unknown if the setting was not read', () => {
    const { withoutOne, withoutOneUnknown = [] } = analyse(twoCopies);
    expect(withoutOne).toBeUndefined();
    expect(withoutOneUnknown[0]?.missing[0]?.what).toContain('value of min.insync.replicas');
  });

  test('is judged by the broker setting for a topic that the run created', () => {
    const settings = settingsOfBrokers(['1', '2', '3', '4'], { 'min.insync.replicas': '2' });
    const change = { settings, resume: { workload: {}, keepTopic: false, ownTopics: ['load'], clusterDigest: '' } };
    expect(lossOf(analyse(twoCopies, undefined, change), '1')).toMatchObject(nothing);
    expect(lossOf(analyse(twoCopies, undefined, { settings }), '1')).toBeUndefined();
  });
});

describe('two RocketMQ masters with a slave each', () => {
  const rocketmq: PlacedRun = {
    broker: 'rocketmq',
    cards: { 'a:0': 6.25e6, 'a:1': 6.25e6, 'b:0': 6.25e6, 'b:1': 6.25e6 },
    rows: [
      { leader: 'a:0', replicas: ['a:0', 'a:1'], partitions: 4 },
      { leader: 'b:0', replicas: ['b:0', 'b:1'], partitions: 4 },
    ],
    groups: 1,
    rates: [1000, 1500, 2000, 2500, 3000],
    isRecorded: true,
  };
  const analysis = analyse(rocketmq);
  const safe = 'estimateTps' in analysis.safeMaxTps ? analysis.safeMaxTps.estimateTps : 0;

  test('without one master, the other takes all traffic and half of the rate remains', () => {
    expect((lossOf(analysis, 'a:0')?.tps ?? 0) / safe).toBeLessThan(0.52);
    expect(lossOf(analysis, 'a:0')?.basis?.assumptions.join()).toContain('elects');
  });

  test('without a slave, its master has less to send, and the other pair is the limit', () => {
    expect((lossOf(analysis, 'a:1')?.estimateTps ?? 0) / safe).toBeCloseTo(1, 2);
    expect(lossOf(analysis, 'a:1')?.limitedBy).toMatchObject({ node: 'b:0' });
  });

  test('a single pair without a slave that could lead has no result for a lost master', () => {
    const single = {
      ...rocketmq,
      cards: { 'a:0': 6.25e6 },
      rows: [{ leader: 'a:0', replicas: ['a:0'], partitions: 4 }],
    };
    expect(analyse(single).withoutOne).toBeUndefined();
  });
});

describe('a RocketMQ master without automatic failover', () => {
  const fixedMaster = { enableDLegerCommitLog: 'false', enableControllerMode: 'false' };
  const lossesOf = (copies: readonly string[], others: PlacedRun['rows'] = []) => {
    const ids = [...copies, ...others.flatMap(({ replicas }) => replicas)];
    const shape: PlacedRun = {
      broker: 'rocketmq',
      cards: Object.fromEntries(ids.map((id) => [id, 6.25e6])),
      rows: [{ leader: 'a:0', replicas: [...copies], partitions: 4 }, ...others],
      groups: 1,
      rates: [600, 800, 1000, 1200, 1400],
      isRecorded: true,
    };
    return analyse(shape, undefined, { settings: settingsOfBrokers(ids, fixedMaster) });
  };

  test.each([[['a:0', 'a:1']], [['a:0', 'a:1', 'a:2']]])('leaves no master that accepts sends (%s)', (copies) => {
    const analysis = lossesOf(copies);
    expect(lossOf(analysis, 'a:0')).toBeUndefined();
    expect(analysis.withoutOneUnknown?.find(({ id }) => id === 'a:0')?.missing).toEqual([
      { what: 'another master, since none is left that accepts sends', node: 'cluster' },
    ]);
  });

  test('leaves its messages to the other masters', () => {
    const others = [{ leader: 'b:0', replicas: ['b:0', 'b:1'], partitions: 4 }];
    const loss = lossOf(lossesOf(['a:0', 'a:1'], others), 'a:0');
    expect(loss?.limitedBy).toMatchObject({ node: 'b:0' });
    expect(loss?.basis?.assumptions).toContain('producers send to the queues of the other masters');
    expect(loss?.basis?.assumptions.join()).not.toContain('elects');
  });
});

describe('a DLedger group whose leader uses a hundred times the CPU time per message of its followers', () => {
  const group: PlacedRun = {
    broker: 'rocketmq',
    cards: { 'n:0': 125e6, 'n:1': 125e6, 'n:2': 125e6 },
    rows: [{ leader: 'n:0', replicas: ['n:0', 'n:1', 'n:2'], partitions: 8 }],
    groups: 1,
    rates: [1000, 1500, 2000, 2500, 3000],
    isRecorded: true,
    cpu: { cores: 4, coreSecondsLed: 1e-3, coreSecondsCopied: 1e-5 },
  };

  test('after losing its leader, the CPU of the new leader carries the load of the old one, less one follower', () => {
    const analysis = analyse(group);
    const safe = 'estimateTps' in analysis.safeMaxTps ? analysis.safeMaxTps.estimateTps : 0;
    expect(analysis.safeMaxTps).toMatchObject({ limitedBy: { resource: 'cpu', node: 'n:0' } });
    const loss = lossOf(analysis, 'n:0');
    expect(loss?.limitedBy).toMatchObject({ resource: 'cpu' });
    // Per message 4 copies become 3, per byte nothing changes; the CPU use as a follower would predict more than 20 times as much.
    const more = (loss?.estimateTps ?? 0) / safe;
    expect(more).toBeGreaterThan(1);
    expect(more).toBeLessThan(1.5);
  });
});

describe('a RocketMQ group that loses its majority', () => {
  const zones = { 'n:0': 'x', 'n:1': 'x', 'n:2': 'y' };
  const group: PlacedRun = {
    broker: 'rocketmq',
    cards: { 'n:0': 6.25e6, 'n:1': 6.25e6, 'n:2': 6.25e6 },
    zones,
    rows: [{ leader: 'n:0', replicas: ['n:0', 'n:1', 'n:2'], partitions: 8 }],
    groups: 1,
    rates: [600, 800, 1000, 1200, 1400],
    isRecorded: true,
  };
  const zone = ({ withoutOne = [] }: Analysis, id: string) => withoutOne.find((each) => each.id === id);

  test('does not elect the one remaining member unless a controller elects', () => {
    const analysis = analyse(group);
    expect(zone(analysis, 'x')).toBeUndefined();
    const missing = ({ withoutOneUnknown = [] }: Analysis) =>
      withoutOneUnknown.find(({ id }) => id === 'x')?.missing[0]?.what;
    expect(missing(analysis)).toContain('recorded mode of the brokers');
    const byVote = settingsOfBrokers(Object.keys(zones), { enableDLegerCommitLog: 'true' });
    expect(missing(analyse(group, undefined, { settings: byVote }))).toContain('another master');
    expect(zone(analysis, 'y')?.tps).toBeGreaterThan(0);
    const settings = settingsOfBrokers(Object.keys(zones), { enableControllerMode: 'true' });
    expect(zone(analyse(group, undefined, { settings }), 'x')?.tps).toBeGreaterThan(0);
  });

  test('leaves its messages to the other group if DLedger needs a majority', () => {
    const ids = ['m:0', 'm:1', 'm:2'];
    const two: PlacedRun = {
      ...group,
      cards: { ...group.cards, ...Object.fromEntries(ids.map((id) => [id, 6.25e6])) },
      zones: { 'n:0': 'x', 'n:1': 'y', 'n:2': 'y', 'm:0': 'x', 'm:1': 'x', 'm:2': 'x' },
      rows: [...group.rows, { leader: 'm:0', replicas: ids, partitions: 8 }],
      rates: [1200, 1600, 2000, 2400, 2800],
    };
    const ratio = (analysis: Analysis) =>
      (zone(analysis, 'y')?.estimateTps ?? 0) /
      ('estimateTps' in analysis.safeMaxTps ? analysis.safeMaxTps.estimateTps : 0);
    const settings = settingsOfBrokers(Object.keys(two.cards), { enableDLegerCommitLog: 'true' });
    expect(ratio(analyse(two))).toBeGreaterThan(0.9);
    expect(ratio(analyse(two, undefined, { settings }))).toBeCloseTo(0.5, 1);
  });
});

describe('a latency SLO violated by the whole cluster', () => {
  const publishLatencyP99 = { value: 0.05, source: 'slo in the config' };
  const ids = ['1', '2', '3'];
  const violatedAt5500 = (leaders: readonly string[], card: number) => {
    const run = placedRun({
      ...threeBrokers,
      cards: Object.fromEntries(ids.map((id) => [id, card])),
      rows: leaders.map((leader) => ({
        leader,
        replicas: [leader, ...ids.filter((id) => id !== leader)],
        partitions: 4,
      })),
      rates: [3000, 4000, 4500, 5000, 5500],
    });
    const steps = run.steps.map((step) => {
      const p99 = step.targetTps === 5500 ? 0.2 : 0.02;
      return { ...step, latencySeconds: { p50: 0.01, p99, p999: 0.3, max: 0.3 } };
    });
    return Analysis.parse(analyzeRun({ ...run, steps }, { ...policy, slo: { publishLatencyP99 } }));
  };
  const limitedBy = { slo: 'publish-latency', node: 'cluster' };

  test('leaves the loss of a leader unknown, since the other brokers lead more than in the test', () => {
    // The cards of the other two brokers carry 5,300 msg/s.
    const { safeMaxTps, withoutOne, withoutOneUnknown = [] } = violatedAt5500(ids, 1e7);
    expect(safeMaxTps).toMatchObject({ limitedBy });
    expect(withoutOne).toBeUndefined();
    expect(withoutOneUnknown.map(({ id, missing }) => [id, missing[0]?.what.slice(0, 20)])).toEqual(
      ids.map((id) => [id, 'load test without it']),
    );
  });

  test('remains the limit after losing a follower', () => {
    const analysis = violatedAt5500(['1'], 2.5e7);
    expect(lossOf(analysis, '2')).toMatchObject({ limitedBy });
    expect(analysis.withoutOneUnknown?.map(({ id }) => id)).toEqual(['1']);
  });
});

test('a loss is unknown if a broker without host metrics takes over traffic', () => {
  const run = placedRun(threeBrokers);
  const hosts = new Map([...run.hosts].filter(([host]) => host !== 'host-2'));
  const { withoutOneUnknown = [] } = Analysis.parse(analyzeRun({ ...run, hosts }, policy));
  expect(withoutOneUnknown.find(({ id }) => id === '1')?.missing).toEqual([
    { what: 'host metrics, since it takes over traffic', node: '2' },
  ]);
});

test('a busy resource that no law explains limits the rate after a loss, as far as the steps allow', () => {
  const ids = ['1', '2', '3'];
  const rows = ids.map((leader) => ({ leader, replicas: [leader], partitions: 2 }));
  const shape = { ...threeBrokers, rows, cards: { '1': 1.2e6, '2': 1.2e6, '3': 1.2e6 }, replicationFactor: 1 };
  const run = placedRun({ ...shape, rates: [600, 700, 800, 900, 1000] });
  const lossesAt = (shares: number[]) => {
    const { safeMaxTps, withoutOne = [] } = Analysis.parse(analyzeRun(withCpuShares(run, shares), policy));
    expect(safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
    return new Set(withoutOne.map(({ limitedBy }) => 'resource' in limitedBy && limitedBy.resource));
  };
  // The cards are far from their limit, and the other brokers lead half as much again.
  expect([...lossesAt([0.1, 0.07, 0.11, 0.08, 0.1])]).toEqual(['network-in']);
  expect([...lossesAt([0.62, 0.5, 0.66, 0.55, 0.65])]).toEqual(['cpu']);
});

test('growth that other work hid lowers the rate after a loss', () => {
  const run = placedRun({ ...threeBrokers, rates: [500, 650, 800, 950, 1100] });
  const lossesWith = (ofOthers: (second: number) => number) => {
    const hosts = [...run.hosts].map(([host, series]) => {
      const intervals = series.intervals.map((interval) => {
        const network = interval.network?.map((each) => ({
          ...each,
          outBytesPerSecond: each.outBytesPerSecond + (host === 'host-1' ? ofOthers(interval.from) : 0),
        }));
        return { ...interval, ...(network && { network }) };
      });
      return [host, { ...series, intervals }] as const;
    });
    return Analysis.parse(analyzeRun({ ...run, hosts: new Map(hosts) }, policy)).withoutOne ?? [];
  };
  const steady = new Map(lossesWith(() => 4e5).map(({ id, tps }) => [id, tps]));
  const hidden = lossesWith((second) => 8e5 * (1 - second / 60));
  expect(hidden).toHaveLength(3);
  for (const { id, tps } of hidden) expect(tps, id).toBeLessThanOrEqual(steady.get(id) ?? 0);
});
