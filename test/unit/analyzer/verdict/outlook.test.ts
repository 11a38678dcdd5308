import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../analyzer/verdict/analyze-run.ts';
import { AnalyzerConfig, resolvePolicy } from '../../../../core/policy/policy-config.ts';
import type { LoadTestRun } from '../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { Analysis } from '../../../../core/documents/analysis.ts';
import { outlookLines } from '../../../../dashboards/reports/analysis/verdict-lines.ts';
import { plainRun, type PlainRun } from '../../../support/load-test-run.ts';
import { placedRun, type PlacedRun } from '../../../support/placed-run.ts';

const policy = examplePolicy();
const analyse = (run: LoadTestRun) => Analysis.parse(analyzeRun(run, policy));
const near = { rates: [4000, 5000, 6000, 7000, 8000] };

/** The plain run with its host copied to several brokers. */
function brokers(
  hosts: readonly string[],
  change: Partial<PlainRun> = near,
  zones: readonly string[] = [],
): LoadTestRun {
  const run = plainRun(change);
  const [series] = run.hosts.values();
  if (series === undefined) throw new Error('no host');
  return {
    ...run,
    document: {
      ...run.document,
      environment: {
        ...run.document.environment,
        brokers: hosts.map((host, index) => ({
          id: String(index + 1),
          address: `127.0.0.1:${9092 + index}`,
          host,
          ...(zones[index] !== undefined && { zone: zones[index] }),
        })),
      },
    },
    hosts: new Map(hosts.map((host) => [host, { ...series, host, inventory: { ...series.inventory, host } }])),
  };
}

describe('the limiting resource', () => {
  test('has probabilities that add up to one, and the most likely resource limits the safe maximum', () => {
    const { binding = [], safeMaxTps } = analyse(plainRun(near));
    expect(binding.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
    expect('limitedBy' in safeMaxTps && safeMaxTps.limitedBy).toEqual(binding[0]?.limitedBy);
  });

  test('is followed by the next limit', () => {
    const { nextCeiling } = analyse(plainRun({ ...near, coreSecondsPerMessage: 3e-4 }));
    expect(nextCeiling?.limitedBy).toEqual({ resource: 'cpu', node: '1' });
    expect((nextCeiling?.estimateTps ?? 0) / ((0.7 * 4 - 0.1) / 3e-4)).toBeCloseTo(1, 2);
  });
});

test('the range of rates tested is reported', () => {
  expect(analyse(plainRun(near)).testedTps).toEqual({ low: 4000, high: 8000 });
});

describe('the safe rate after losing one broker is unknown', () => {
  const far = { rates: [1000, 2000, 3000, 4000, 5000], linkBytesPerSecond: 1e9 };
  const slow = brokers(['a', 'b', 'c'], { ...far, carried: (rate) => (rate === 5000 ? 0.9 : 1) });
  const busy = slow.produced.map((line) => (line.intended === 5000 ? { ...line, cpuSeconds: 0.97 } : line));

  test.each<[string, LoadTestRun, string]>([
    ['aborted', { ...brokers(['a', 'b', 'c'], far), status: 'aborted' }, 'load test up to a limit of the cluster'],
    ['generator-limited', { ...slow, produced: busy }, 'rate above the limit of the load generator'],
  ])('after a test that ended as %s, with the reason for it', (reason, run, what) => {
    const { safeMaxTps, withoutOne, withoutOneUnknown = [] } = analyse(run);
    expect(safeMaxTps).toMatchObject({ kind: 'at-least', reason });
    expect(withoutOne).toBeUndefined();
    expect(withoutOneUnknown.map(({ missing }) => missing[0]?.what)).toEqual([what, what, what]);
  });
});

test('only a safe maximum far above the tested rates is flagged as extrapolated', () => {
  const flagged = analyse(plainRun({ rates: [2000, 3000, 4000, 4500, 5000] }));
  expect(flagged.extrapolated?.factor).toBeCloseTo((0.8 * 6.25e6 - 1e4) / 600 / 5000, 3);
  expect(flagged.findings.map(({ code }) => code)).toContain('extrapolated');
  expect(analyse(plainRun(near)).extrapolated).toBeUndefined();
});

test('a broker with more than its share of traffic is reported', () => {
  const run = brokers(['a', 'b', 'c']);
  const heavy = [1, 1, 1.5].map((factor, index) => [['a', 'b', 'c'][index] as string, factor] as const);
  const hosts = new Map(
    heavy.map(([host, factor]) => {
      const series = run.hosts.get(host);
      if (series === undefined) throw new Error(host);
      const intervals = series.intervals.map((interval) => ({
        ...interval,
        network: (interval.network ?? []).map((link) => ({
          ...link,
          inBytesPerSecond: link.inBytesPerSecond * factor * 0.6,
        })),
      }));
      return [host, { ...series, intervals }];
    }),
  );
  const skewed = analyse({ ...run, hosts }).findings.find(({ code }) => code === 'broker-skew');
  expect(skewed?.message).toContain('per message it uses 29% more network-in');
  expect(analyse(run).findings.map(({ code }) => code)).not.toContain('broker-skew');
});

describe('brokers of RocketMQ with different roles', () => {
  /** The second host receives half the bytes of the first. */
  function rocketmq(placed: readonly (readonly [id: string, host: string])[]): LoadTestRun {
    const run = brokers([...new Set(placed.map(([, host]) => host))]);
    const [first, second] = run.hosts.values();
    if (first === undefined || second === undefined) throw new Error('two hosts');
    const intervals = second.intervals.map((interval) => ({
      ...interval,
      network: (interval.network ?? []).map((link) => ({ ...link, inBytesPerSecond: link.inBytesPerSecond / 2 })),
    }));
    const environment = {
      ...run.document.environment,
      brokers: placed.map(([id, host], index) => ({ id, address: `127.0.0.1:${10911 + index}`, host })),
    };
    return {
      ...run,
      document: { ...run.document, broker: 'rocketmq', environment },
      hosts: new Map([...run.hosts, [second.host, { ...second, intervals }]]),
    };
  }
  const codesOf = (run: LoadTestRun) => analyse(run).findings.map(({ code }) => code);

  test.each([
    [
      'a master and its slave',
      [
        ['broker-a:0', 'a'],
        ['broker-a:1', 'b'],
      ],
    ],
    [
      'a host with the masters and a host with the slaves',
      [
        ['broker-a:0', 'a'],
        ['broker-b:0', 'a'],
        ['broker-a:1', 'b'],
        ['broker-b:1', 'b'],
      ],
    ],
    [
      'hosts whose brokers have no id',
      [
        ['master', 'a'],
        ['slave', 'b'],
      ],
    ],
  ] as const)('does not compare %s', (_, placed) => {
    expect(codesOf(rocketmq(placed))).not.toContain('broker-skew');
  });

  test('compares two masters', () => {
    const placed = [
      ['broker-a:0', 'a'],
      ['broker-b:0', 'b'],
    ] as const;
    expect(codesOf(rocketmq(placed))).toContain('broker-skew');
  });

  test('compares brokers without an id if both receive messages', () => {
    const run = rocketmq([
      ['broker-a', 'a'],
      ['broker-b', 'b'],
    ]);
    const read = ['broker-a', 'broker-b'].map((id) => [id, [{ from: 0, to: 1, messagesInPerSecond: 100 }]] as const);
    expect(codesOf({ ...run, brokers: new Map(read) })).toContain('broker-skew');
  });
});

describe('after losing one broker', () => {
  test('the remaining brokers take over its share', () => {
    const { withoutOne = [], safeMaxTps } = analyse(brokers(['a', 'b', 'c']));
    const safe = 'tps' in safeMaxTps ? safeMaxTps.tps : 0;
    expect(withoutOne.map(({ id }) => id).toSorted()).toEqual(['1', '2', '3']);
    for (const { tps, estimateTps = 0 } of withoutOne) {
      expect(estimateTps / safe).toBeCloseTo(2 / 3, 3);
      expect(tps).toBeLessThanOrEqual(estimateTps);
    }
  });

  test('brokers are sorted by the messages that they lead, highest first', () => {
    const run = brokers(['a', 'b', 'c']);
    const told = new Map(
      [100, 300, 200].map((rate, index) => [String(index + 1), [{ from: 0, to: 1, messagesInPerSecond: rate }]]),
    );
    const { withoutOne } = analyse({ ...run, brokers: told });
    expect(withoutOne?.map(({ id }) => id)).toEqual(['2', '3', '1']);
  });

  test('a consumer group that limits the cluster also limits it with one broker less', () => {
    const rates = [1000, 2000, 3000, 4000, 5000, ...Array<number>(10).fill(1000)];
    const run = brokers(['a', 'b', 'c'], { rates, linkBytesPerSecond: 7.2e6 });
    // The group pauses for 50 s, then reads 5,500 msg/s until it caught up; the links of two brokers carry 6,400 msg/s.
    let lag = 0;
    const consumed = run.produced.map(({ from, to, acknowledged }) => {
      const messages = from >= 60 && from < 110 ? 0 : Math.min(5500, lag + acknowledged);
      lag += acknowledged - messages;
      return { from, to, worker: 'consumer-0', group: 'mail', messages, eventLoopUtilisation: 0.2, cpuSeconds: 0.2 };
    });
    const steps = run.steps.map((step) => (step.from < 60 ? step : { ...step, hasBacklog: true as const }));
    const { safeMaxTps, withoutOne = [] } = analyse({ ...run, consumed, steps });
    const limitedBy = { slo: 'consumer-lag', group: 'mail' };
    expect(safeMaxTps).toMatchObject({ limitedBy });
    expect(withoutOne).toHaveLength(3);
    for (const loss of withoutOne) {
      expect(loss).toMatchObject({ limitedBy });
      expect(loss.tps).toBe('tps' in safeMaxTps && safeMaxTps.tps);
    }
  });

  test('a single broker, or brokers on a single host, have no N-1 result', () => {
    expect(analyse(plainRun(near)).withoutOne).toBeUndefined();
    expect(analyse(brokers(['a', 'a'])).withoutOne).toBeUndefined();
  });

  test('all brokers of a zone are lost together', () => {
    const { withoutOne } = analyse(brokers(['a', 'b', 'c', 'd'], near, ['x', 'x', 'y', 'y']));
    expect(withoutOne?.filter(({ lost }) => lost === 'zone').map(({ id }) => id)).toEqual(['x', 'y']);
  });
});

test('brokers on one host share its limits and are lost together', () => {
  const analysis = analyse(brokers(['a', 'a', 'b']));
  expect(analysis.resources.filter(({ resource }) => resource === 'network-in').map(({ node }) => node)).toEqual([
    'a',
    '3',
  ]);
  expect(analysis.withoutOne?.map(({ id }) => id)).toContain('1, 2');
  expect(analysis.perBroker.every(({ safeTps }) => safeTps !== undefined)).toBe(true);
});

test('the retention limit of the disks is computed if a retention is configured', () => {
  const run = plainRun({ ...near, stepSeconds: 30 });
  const [series] = run.hosts.values();
  if (series === undefined) throw new Error('no host');
  const written = series.intervals.map((interval) => ({
    ...interval,
    disks: [{ device: 'sda', busy: 0.1, writtenBytesPerSecond: (interval.network?.[0]?.inBytesPerSecond ?? 0) - 1e4 }],
    memory: { usedBytes: 1e9, totalBytes: 4e9 },
  }));
  const inventory = {
    ...series.inventory,
    host: series.host,
    disks: [{ device: 'sda', sizeBytes: 1e12 }],
    writeback: { expireSeconds: 5, dirtyThresholdBytes: 1e6 },
  };
  const kept = { ...run, hosts: new Map([['broker-1', { ...series, inventory, intervals: written }]]) };
  const asked = resolvePolicy(AnalyzerConfig.parse({ retention: '7d' }));
  const { retention } = Analysis.parse(analyzeRun(kept, asked));
  expect(retention).toMatchObject({ retentionSeconds: 604_800, limitedBy: { resource: 'disk-space', node: '1' } });
  expect((retention?.tps ?? 0) / ((1e12 * 0.75) / (600 * 604_800))).toBeCloseTo(1, 2);
  expect(analyse(kept).retention).toBeUndefined();
});

test('without writes that show the disk, the retention limit is estimated from the size and the copies of a message', () => {
  const asked = resolvePolicy(AnalyzerConfig.parse({ retention: '7d' }));
  const withDisk = (run: LoadTestRun): LoadTestRun => ({
    ...run,
    hosts: new Map(
      [...run.hosts].map(([host, series]) => [
        host,
        { ...series, inventory: { ...series.inventory, host, disks: [{ device: 'sda', sizeBytes: 1e12 }] } },
      ]),
    ),
  });
  const estimated = (shape: PlacedRun) => Analysis.parse(analyzeRun(withDisk(placedRun(shape)), asked));
  const rows = [
    { leader: '1', replicas: ['1', '2'], partitions: 3 },
    { leader: '2', replicas: ['2', '3'], partitions: 1 },
  ];
  const cards = { '1': 6.25e6, '2': 6.25e6, '3': 6.25e6 };
  const kafka = {
    broker: 'kafka',
    cards,
    rows,
    groups: 1,
    rates: [100, 200],
    isRecorded: true,
    replicationFactor: 2,
  } as const;
  // Batches of 50 records of 1,000 bytes with keys of up to 16: 61 / 50 + 1,025; broker 2 has a copy of every message.
  const { retention, findings } = estimated(kafka);
  expect(retention).toMatchObject({ basis: 'message-size', limitedBy: { resource: 'disk-space', node: '2' } });
  expect((1e12 * 0.75) / (604_800 * (retention?.tps ?? 0))).toBeCloseTo(1026.22, 2);
  expect(findings.map(({ code }) => code)).not.toContain('retention-unknown');

  // Each master has half of the messages, and no slave.
  const masters = { 'a:0': 6.25e6, 'b:0': 6.25e6 };
  const queues = ['a:0', 'b:0'].map((leader) => ({ leader, replicas: [leader], partitions: 4 }));
  const rocketmq = estimated({ ...kafka, broker: 'rocketmq', cards: masters, rows: queues }).retention;
  const perMaster = (1e12 * 0.75) / (604_800 * (rocketmq?.tps ?? 0));
  expect(perMaster).toBeGreaterThan(0.5 * (1000 + 91 + 20));
  expect(perMaster).toBeLessThan(0.5 * 1400);

  // As run.json records the workload; a message that is stored aside takes several records of the commit log.
  const sentAs = (shape: PlacedRun, workload: Record<string, unknown>, acks?: 'none') => {
    const run = placedRun(shape);
    const resume = { workload, keepTopic: false, ownTopics: [], clusterDigest: '' };
    const document = { ...run.document, resume, workload: { ...run.document.workload, ...(acks && { acks }) } };
    return Analysis.parse(analyzeRun(withDisk({ ...run, document }), asked));
  };
  const bytesOf = ({ retention: found }: Analysis) => (1e12 * 0.75) / (604_800 * (found?.tps ?? 0));
  const ofMaster = { ...kafka, broker: 'rocketmq', cards: masters, rows: queues } as const;
  const records = (workload: Record<string, unknown>) => bytesOf(sentAs(ofMaster, workload)) / perMaster;
  expect(bytesOf(sentAs(kafka, {}, 'none'))).toBeCloseTo(1026.22, 2);
  expect(records({ delay: { level: 3 } })).toBeGreaterThan(2);
  expect(records({ delay: { level: 3 } })).toBeLessThan(2.2);
  expect(records({ transactions: {} })).toBeGreaterThan(2.1);
  expect(records({ transactions: { leftToCheck: 0 } })).toBeLessThan(2.4);
  const whyUnknown = (analysis: Analysis) => [
    analysis.retention,
    analysis.findings.find(({ code }) => code === 'retention-unknown')?.message,
  ];
  expect(whyUnknown(sentAs(ofMaster, { transactions: { leftToCheck: 0.1 } }))).toEqual([
    undefined,
    expect.stringContaining('each check of a transaction stores its half message again'),
  ]);
  // Another version may have written it.
  expect(whyUnknown(sentAs(ofMaster, { delay: '30s' }))[1]).toContain(
    'the size or the disk of the messages is unknown',
  );
  expect(whyUnknown(sentAs(ofMaster, { delay: { after: 30 } }))[1]).toContain('for timers (`delay.after`)');
  expect(whyUnknown(sentAs(kafka, { transactions: { duration: 0.1 } }))[1]).toContain('transaction markers');

  const text = outlookLines(Analysis.parse(analyzeRun(withDisk(placedRun(kafka)), asked))).join(' ');
  expect(text.replaceAll(/\s+/g, ' ')).toContain('(bytes on disk estimated from the message size)');
});

test('a configured retention with an unknown disk is reported, with what makes it known', () => {
  const asked = resolvePolicy(AnalyzerConfig.parse({ retention: '7d' }));
  const unknown = ({ findings }: Pick<Analysis, 'findings'>) =>
    findings.find(({ code }) => code === 'retention-unknown')?.message;
  const run = plainRun(near);
  expect(unknown(analyzeRun(run, asked))).toMatch(/^The disk sizes of broker 1 are unknown, .* `probe: ssh` /);
  expect(unknown(analyse(run))).toBeUndefined();
  // Disk sizes are absent from Prometheus and files of other tools.
  const readBy = { network: 'node_network_receive_bytes_total' };
  const ofSource = new Map([...run.hosts].map(([host, series]) => [host, { ...series, readBy }]));
  expect(unknown(analyzeRun({ ...run, hosts: ofSource }, asked))).toContain('The disk sizes of broker 1 are unknown');
  expect(unknown(analyzeRun({ ...run, hosts: new Map() }, asked))).toContain('The disk sizes of broker 1 are unknown');
  const disks = ['sda', 'sdb'].map((device) => ({ device, sizeBytes: 1e12 }));
  const sized = new Map([...run.hosts].map(([host, series]) => [host, { ...series, inventory: { host, disks } }]));
  expect(unknown(analyzeRun({ ...run, hosts: sized }, asked))).toMatch(
    /^The bytes that a message writes to the disks of broker 1 /,
  );
});
