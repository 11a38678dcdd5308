import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { readAlternative, type Alternative } from '../../../../../analyzer/planning/what-if/alternative.ts';
import { whatIf } from '../../../../../analyzer/planning/what-if/what-if.ts';
import { safeTpsOf } from '../../../../../core/documents/safe-tps.ts';
import { readLoadTest } from '../../../../../app/analysis/read-load-test.ts';
import { AppError } from '../../../../../core/errors.ts';
import { placedRun } from '../../../../support/placed-run.ts';
import { plainRun, withIntervals, type PlainRun } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const run = plainRun();
const answer = (alternative: Alternative, of: LoadTestRun = run) => {
  const [only] = whatIf(of, policy, [alternative]);
  if (only === undefined) throw new Error('no answer');
  return only;
};
const predicted = (alternative: Alternative, of?: LoadTestRun) => {
  const { safeMaxTps } = answer(alternative, of);
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  return safeMaxTps;
};

/** Five steps; then its group pauses for 50 s, and reads 5,500 msg/s until it caught up. */
function backlogRun(change: Partial<PlainRun> = {}): LoadTestRun {
  const whole = plainRun({ rates: [1000, 2000, 3000, 4000, 5000, ...Array<number>(10).fill(1000)], ...change });
  let lag = 0;
  const consumed = whole.produced.map(({ from, to, acknowledged }) => {
    const messages = from >= 60 && from < 110 ? 0 : Math.min(5500, lag + acknowledged);
    lag += acknowledged - messages;
    return { from, to, worker: 'consumer-0', group: 'readers', messages, eventLoopUtilisation: 0.2, cpuSeconds: 0.2 };
  });
  return {
    ...whole,
    consumed,
    document: { ...whole.document, workload: { ...whole.document.workload, groups: 1 } },
    steps: whole.steps.map((step) => (step.from < 60 ? step : { ...step, hasBacklog: true })),
  };
}

describe('scaling of a run', () => {
  test('an alternative equal to the run changes nothing', () => {
    const { safeMaxTps, carried } = answer({ messageBytes: 500 });
    expect(safeMaxTps).toEqual(analyzeRun(run, policy).safeMaxTps);
    expect(carried).toMatchObject([{ how: 'as measured', extrapolates: false }]);
  });

  test('nothing is predicted past a resource that is busy without following the load, as in the verdict', () => {
    const shares = [0.62, 0.5, 0.66, 0.55, 0.65];
    const busy = withIntervals(run, ({ cpu, ...interval }) => ({
      ...interval,
      ...(cpu && { cpu: { ...cpu, busyCores: cpu.cores * (shares[Math.floor(interval.from / 12)] ?? 0) } }),
    }));
    expect(answer({ messageBytes: 500 }, busy).safeMaxTps).toEqual({
      kind: 'unknown',
      missing: [{ what: 'steps closer to the limit', node: 'cluster' }],
    });
  });

  test('nothing is predicted at which the core of one thread, which a lighter load keeps, would be full', () => {
    const ofCore = (coreSeconds: number) =>
      withIntervals(plainRun({ cores: 16, coreSecondsPerMessage: 9e-4 }), ({ cpu, ...interval }) => ({
        ...interval,
        ...(cpu && { cpu: { ...cpu, hottestCore: 1000 * Math.ceil(interval.to / 12) * coreSeconds, hottestIndex: 3 } }),
      }));
    const changedTo = (alternative: Alternative, coreSeconds: number) => answer(alternative, ofCore(coreSeconds));
    // The card comes first, at 8,170 msg/s, without it the CPU, at 8,960.
    expect(analyzeRun(ofCore(1.07e-4), policy).safeMaxTps).toMatchObject({ limitedBy: { resource: 'network-in' } });
    expect(changedTo({ nic: 1e9 }, 5e-5).safeMaxTps).toMatchObject({ limitedBy: { resource: 'cpu' } });
    expect(changedTo({ nic: 1e9 }, 1.07e-4)).toMatchObject({
      safeMaxTps: { kind: 'unknown' },
      binding: [],
      limits: [],
    });
    expect(changedTo({ messageBytes: 1000 }, 1.7e-4).safeMaxTps).toMatchObject({
      limitedBy: { resource: 'network-in' },
    });
    expect(changedTo({ brokers: 2 }, 1.7e-4).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 5000 });
  });

  test('without replicas, a slave is not listed as a limit', async () => {
    const recorded = await readLoadTest('examples/load-test', policy);
    const nodesOf = (alternative: Alternative) =>
      new Set(
        answer(alternative, recorded).limits.flatMap(({ limitedBy }) => ('node' in limitedBy ? limitedBy.node : [])),
      );
    expect(nodesOf({ replicas: 2 })).toEqual(new Set(['broker-a:0', 'broker-a:1']));
    expect(nodesOf({ replicas: 1 })).toEqual(new Set(['broker-a:0']));
  });

  test('without replicas, even a slave that was saturated is not a limit', () => {
    const replicas = ['broker-a:0', 'broker-a:1'];
    const pair = placedRun({
      broker: 'rocketmq',
      cards: { 'broker-a:0': 6.25e7, 'broker-a:1': 1.5e6 },
      rows: [{ leader: 'broker-a:0', replicas, partitions: 8 }],
      groups: 1,
      rates: [400, 600, 800, 1000, 1600],
      carried: (rate) => Math.min(1, 1350 / rate),
      isRecorded: true,
      replicationFactor: 2,
    });
    expect(predicted({ replicas: 2 }, pair).limitedBy).toEqual({ resource: 'network-in', node: 'broker-a:1' });
    expect(answer({ replicas: 1 }, pair)).toMatchObject({
      safeMaxTps: { kind: 'at-least', tps: 1000, reason: 'no-limit-reached' },
      binding: [{ limitedBy: { resource: 'network-out', node: 'broker-a:0' } }],
    });
  });

  test('GC pauses still prevent predictions above the tested rates', () => {
    const brokers = new Map([
      ['1', run.produced.map(({ from, to, intended }) => ({ from, to, gcPauseShare: intended / 40_000 }))],
    ]);
    const paused = { ...run, brokers };
    const { safeMaxTps } = analyzeRun(paused, policy);
    expect(safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'garbage-collection' });
    for (const alternative of [{ groups: 0 }, { messageBytes: 500 }, { nic: 100e6 }])
      expect(answer(alternative, paused).safeMaxTps).toEqual(safeMaxTps);
  });

  test('a group with a measured catch-up rate remains the limit, whatever the card', () => {
    // The CPU allows 7,500 msg/s, and the card of the test 8,300.
    const backlog = backlogRun({ coreSecondsPerMessage: 3.6e-4 });
    const limitedBy = { slo: 'consumer-lag', group: 'readers' };
    const { safeMaxTps, binding } = analyzeRun(backlog, policy);
    expect(safeMaxTps).toMatchObject({ kind: 'predicted', estimateTps: expect.closeTo(5500, 0) as number, limitedBy });
    expect(binding).toEqual([{ limitedBy, probability: 1 }]);
    for (const alternative of [{ groups: 1 }, { messageBytes: 500 }, { nic: 10e9 }]) {
      const changed = answer(alternative, backlog);
      expect(changed.safeMaxTps).toEqual(safeMaxTps);
      expect(changed.binding).toEqual([{ limitedBy, probability: 1 }]);
    }
    expect(predicted({ groups: 0, nic: 10e9 }, backlog).limitedBy).toEqual({ resource: 'cpu', node: '1' });
  });

  test('above the rate that a latency SLO allows, a lighter load keeps that rate, and a heavier one has none', () => {
    const promised = { ...policy, slo: { publishLatencyP99: { value: 0.05, source: 'test' } } };
    const withLatency = (full: number, of = run): LoadTestRun => ({
      ...of,
      steps: of.steps.map((step) => {
        const { targetTps: tps = 0 } = step;
        const p99 = 0.002 + (0.01 * tps) / (full - tps);
        return { ...step, latencySeconds: { p50: p99 / 2, p99, p999: 2 * p99, max: 3 * p99 } };
      }),
    });
    // The card allows 8,300 msg/s. The first SLO is missed at 5,000, the second perhaps at 6,300.
    for (const of of [withLatency(6000), withLatency(7600)]) {
      const { safeMaxTps } = analyzeRun(of, promised);
      const changedTo = (alternative: Alternative) => whatIf(of, promised, [alternative])[0]?.safeMaxTps;
      for (const alternative of [{ messageBytes: 500 }, { messageBytes: 300 }, { nic: 1e9 }])
        expect(changedTo(alternative)).toEqual(safeMaxTps);
      expect(changedTo({ messageBytes: 600 })).toMatchObject({ kind: 'unknown' });
      expect(changedTo({ messageBytes: 2000 })).toMatchObject({ limitedBy: { resource: 'network-in' } });
    }
    // The card comes first, at 8,300 msg/s; with another load, the SLO would, which is missed at 8,700 or 9,900.
    const near = (full: number) => withLatency(full, plainRun({ rates: [2000, 3500, 5000, 6500, 8000] }));
    expect(analyzeRun(near(10_500), promised).safeMaxTps).toMatchObject({ limitedBy: { resource: 'network-in' } });
    const limitedBy = { slo: 'publish-latency', node: 'cluster' };
    for (const alternative of [{ messageBytes: 300 }, { brokers: 2 }, { nic: 1e9 }]) {
      const [first, second] = [10_500, 12_000].map(
        (full) => whatIf(near(full), promised, [alternative])[0]?.safeMaxTps,
      );
      expect(first).toMatchObject({ kind: 'predicted', limitedBy });
      expect(first && safeTpsOf(first)).toBeLessThan(8690);
      expect(second).toEqual({ kind: 'at-least', tps: 8000, reason: 'no-limit-reached' });
    }
    const missed = { ...policy, slo: { publishLatencyP99: { value: 0.001, source: 'test' } } };
    for (const messageBytes of [300, 500, 600])
      expect(whatIf(near(10_500), missed, [{ messageBytes }])[0]?.safeMaxTps.kind).toBe('unknown');
  });

  /** A group that reads at most 4,200 msg/s, and a broker that flushes nearly all the time at 5,000 msg/s. */
  const stoppedBy: Record<'lag' | 'flushes', LoadTestRun> = {
    lag: {
      ...plainRun({ linkBytesPerSecond: 1e9 }),
      consumed: run.produced.map(({ from, to, acknowledged }) => {
        const messages = Math.min(acknowledged, 4200);
        const worker = { worker: 'consumer-0', eventLoopUtilisation: 0.2, cpuSeconds: 0.2 };
        return { ...worker, from, to, group: 'readers', messages };
      }),
      document: { ...run.document, workload: { ...run.document.workload, groups: 1 } },
    },
    flushes: {
      ...plainRun({ linkBytesPerSecond: 1e9, carried: (rate) => (rate === 5000 ? 0.9 : 1) }),
      brokers: new Map([
        [
          '1',
          run.produced.map(({ from, to, intended }) => ({
            from,
            to,
            flushSecondsPerSecond: intended === 5000 ? 0.95 : 0.1,
          })),
        ],
      ]),
    },
  };

  test.each(['lag', 'flushes'] as const)('a limit of the run by %s remains the limit with a faster card', (limit) => {
    const stopped = stoppedBy[limit];
    const { safeMaxTps } = analyzeRun(stopped, policy);
    expect(safeMaxTps.kind).toBe('predicted');
    expect(answer({ nic: 10e9 }, stopped).safeMaxTps).toEqual(safeMaxTps);
  });

  test('a fit contradicted by its saturated resource predicts nothing for more brokers', () => {
    const burst = plainRun({
      linkBytesPerSecond: 1e9,
      carried: (rate) => (rate === 5000 ? 0.9 : 1),
      coreSecondsPerMessage: 1e-5,
    });
    const brokers = new Map([
      [
        '1',
        burst.produced.map(({ from, to, intended }) => ({
          from,
          to,
          requestHandlersBusy: intended === 5000 ? 0.97 : intended / 60_000,
        })),
      ],
    ]);
    expect(answer({ brokers: 2 }, { ...burst, brokers })).toMatchObject({
      safeMaxTps: { kind: 'unknown', missing: [{ what: 'steps closer to the limit', node: '1' }] },
      binding: [],
      limits: [],
    });
  });

  test('a changed limit is recomputed: an omitted group, a faster card', () => {
    expect(answer({ groups: 0 }, stoppedBy.lag).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 4000 });
    const full = plainRun({ rates: [4000, 6000, 8000, 12_000], carried: (rate) => Math.min(1, 10_400 / rate) });
    expect(predicted({ nic: 80e6 }, full).estimateTps).toBeCloseTo((0.8 * 1e7 - 1e4) / 600, 0);
  });

  test('a link twice as fast saturates at twice the rate, apart from idle traffic', () => {
    const slow = predicted({ nic: 20e6 });
    const twice = predicted({ nic: 40e6 });
    expect(slow.limitedBy).toEqual({ resource: 'network-in', node: '1' });
    const idle = 1e4;
    const limit = policy.limits['network-in'].value;
    expect(twice.estimateTps / slow.estimateTps).toBeCloseTo((limit * 5e6 - idle) / (limit * 2.5e6 - idle), 2);
  });

  test('larger messages never increase the safe maximum, and compression never reduces it', () => {
    const sizes = [500, 700, 1000, 2000, 5000].map((messageBytes) => predicted({ messageBytes }).tps);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    const plainly = predicted({ messageBytes: 2000 }).tps;
    expect(predicted({ messageBytes: 2000, compression: 0.5 }).tps).toBeGreaterThan(plainly);
  });

  test('compression with the ratio that the run already had changes nothing', () => {
    const workload = { compression: 'zstd', compressionRatio: 3 };
    const resume = { workload, keepTopic: false, ownTopics: [], clusterDigest: '' };
    const compressed = { ...run, document: { ...run.document, resume } };
    const [asRun, again] = [
      predicted({ nic: 20e6 }, compressed),
      predicted({ nic: 20e6, compression: 1 / 3 }, compressed),
    ];
    expect(again.estimateTps).toBeCloseTo(asRun.estimateTps, 6);
    expect(predicted({ nic: 20e6, compression: 1 }, compressed).estimateTps).toBeLessThan(0.5 * asRun.estimateTps);
    expect(analyzeRun(compressed, policy).run.compressionRatio).toBe(3);
    const plainly = {
      ...compressed,
      document: { ...compressed.document, resume: { ...resume, workload: { compression: 'none' } } },
    };
    expect(analyzeRun(plainly, policy).run.compressionRatio).toBeUndefined();
  });

  test('network use scales with the protocol bytes, times the measured ratio over them', () => {
    const before = predicted({ messageBytes: 500, nic: 20e6 });
    const after = predicted({ messageBytes: 1000, nic: 20e6 });
    // Records of 509 and 1,009 bytes, with headers of frames and batches.
    expect(before.estimateTps / after.estimateTps).toBeCloseTo(1009 / 509, 1);
    expect(answer({ messageBytes: 1000 }).carried[0]?.how).toMatch(
      /times the measured bytes divided by them \(in 1\.\d+, out \d/,
    );
    expect(answer({ messageBytes: 1000 }).carried[0]?.howZh).toMatch(/再乘以实测与协议之比（入向 1\.\d+、出向 \d/);
  });

  test.each([
    ['produce-quota', { groups: 5 }, 1],
    ['fetch-quota', { groups: 5 }, 5],
    // Records of 509 and 1,009 bytes.
    ['produce-quota', { messageBytes: 1000, groups: 5 }, 1.97],
    ['fetch-quota', { messageBytes: 1000, groups: 5 }, 5 * 1.97],
    ['fetch-quota', { messageBytes: 1000, groups: 0 }, undefined],
  ] as const)('the use of a %s with %o grows with the bytes that it counts', (kind, alternative, factor) => {
    const read = run.produced.map(({ from, to, acknowledged }) => ({
      from,
      to,
      worker: 'consumer-0',
      group: 'readers',
      messages: acknowledged,
      eventLoopUtilisation: 0.2,
      cpuSeconds: 0.2,
    }));
    const { document } = run;
    const quota = { kind, value: 3e6, entity: 'client-id=<default>', shares: 1 };
    const limited: LoadTestRun = {
      ...run,
      consumed: read,
      document: {
        ...document,
        workload: { ...document.workload, groups: 1 },
        configuredLimits: { quotas: [quota], brokers: [] },
      },
    };
    const limitOf = (change: Alternative) =>
      answer(change, limited).limits.find(({ limitedBy }) => 'resource' in limitedBy && limitedBy.resource === kind)
        ?.estimateTps;
    const [before = NaN, after] = [limitOf({ groups: 1 }), limitOf(alternative)];
    if (factor === undefined) expect(after).toBeUndefined();
    else expect(before / (after ?? NaN) / factor).toBeCloseTo(1, 1);
  });

  test('the CPU limit for another message size is an interval between cost per message and cost per byte', () => {
    const busy = plainRun({ coreSecondsPerMessage: 4e-4, linkBytesPerSecond: 1e9 });
    const { interval, limitedBy } = predicted({ messageBytes: 1000 }, busy);
    const measured = predicted({ messageBytes: 500 }, busy).interval;
    expect(limitedBy).toEqual({ resource: 'cpu', node: '1' });
    // Records of 509 and 1,009 bytes.
    expect(measured.low / interval.low).toBeCloseTo(1009 / 509, 2);
    expect(interval.high).toBe(measured.high);
  });

  test('four brokers instead of one increase the safe maximum', () => {
    const { safeMaxTps, carried } = answer({ brokers: 4, nic: 20e6 });
    if (safeMaxTps.kind !== 'predicted' && safeMaxTps.kind !== 'at-least') throw new Error(safeMaxTps.kind);
    expect(safeMaxTps.tps).toBeGreaterThan(predicted({ nic: 20e6 }).tps);
    expect(carried[0]).toMatchObject({ from: 1, to: 4, extrapolates: true });
  });
});

test('a run with contradicting figures has an unknown safe maximum in a what-if', () => {
  const late = plainRun();
  const underReplicated = Array.from({ length: 60 }, (_, second) => ({ elapsedSeconds: second, partitions: 2 }));
  expect(answer({ groups: 1 }, { ...late, underReplicated }).safeMaxTps.kind).toBe('unknown');
});

const controlled = { enableControllerMode: 'true', allAckInSyncStateSet: 'true' };

test.each<[string, Record<string, string> | undefined, 'all' | undefined]>([
  ['unknown if a master may respond before its slave has the message', undefined, undefined],
  ['all if DLedger waits for its replicas', { enableDLegerCommitLog: 'true' }, 'all'],
  ['all if SYNC_MASTER of 4.9 waits for its slave', { brokerRole: 'SYNC_MASTER' }, 'all'],
  ['all if SYNC_MASTER of 5.x waits for a slave', { brokerRole: 'SYNC_MASTER', inSyncReplicas: '2' }, 'all'],
  ['unknown if SYNC_MASTER of 5.x waits for no slave', { brokerRole: 'SYNC_MASTER', inSyncReplicas: '1' }, undefined],
  ['all if a controller makes it wait', { brokerRole: 'SYNC_MASTER', inSyncReplicas: '1', ...controlled }, 'all'],
  ['unknown without a controller that makes it wait', { ...controlled, enableControllerMode: 'false' }, undefined],
])('acks of a RocketMQ run are %s', (_, shared, expected) => {
  const { document } = run;
  const rocketmq: LoadTestRun = {
    ...run,
    document: {
      ...document,
      broker: 'rocketmq',
      workload: { ...document.workload, acks: 'all' },
      environment: {
        ...document.environment,
        brokers: document.environment.brokers.map((each) => ({ ...each, id: 'broker-a:0' })),
      },
      ...(shared && { settings: { read: ['broker-a:0'], shared, own: {}, jvms: {}, unread: [] } }),
    },
  };
  expect(answer({ acks: 'leader' }, rocketmq).carried[0]?.from).toBe(expected);
});

test.each<[string, Record<string, number>, number]>([
  ['a volume of two disks and a system disk', { sda: 1e5, sdb: 4e7, sdc: 4e7, 'dm-0': 8e7, sr0: 0 }, 2],
  ['an array of four NVMe disks', { nvme0n1: 1e7, nvme1n1: 1e7, nvme2n1: 1e7, nvme3n1: 1e7, md0: 4e7 }, 4],
  ['devices with other names', { mmcblk0: 1e5, dasda: 4e7 }, 1],
])('data disks of a host with %s are counted once each', (_, written, count) => {
  const withDisks = withIntervals(run, (interval) => ({
    ...interval,
    disks: Object.entries(written).map(([device, writtenBytesPerSecond]) => ({
      device,
      busy: 0.2,
      writtenBytesPerSecond,
    })),
  }));
  const { carried, measured } = answer({ disks: 8 }, withDisks);
  expect(measured.disks).toBe(count);
  expect(carried).toMatchObject([{ quantity: 'disks', from: count, to: 8, extrapolates: true }]);
});

test('more replicas than brokers are rejected', () => {
  expect(() => answer({ replicas: 3 })).toThrow(/replicas=3 on 1 brokers cannot be/);
});

describe('parsing of alternatives', () => {
  test('quantities are parsed with their units', () => {
    expect(readAlternative('messageBytes=1KiB,groups=3,replicas=3,acks=all,compression=0.5,nic=10gbit')).toEqual({
      messageBytes: 1024,
      groups: 3,
      replicas: 3,
      acks: 'all',
      compression: 0.5,
      nic: 10e9,
    });
  });

  test.each([
    ['messageBytes=0', /messageBytes=0: out of range: use 1 byte to 1 GiB/],
    ['groups=-1', /groups=-1: out of range/],
    ['brokers=1e12', /brokers=1e12: out of range: use 1 to 1000/],
    ['compression=2', /compressed size divided by uncompressed size/],
    ['nic=fast', /nic=fast: .*link speed/],
    ['acks=most', /there are all, leader, none/],
    ['mesageBytes=1KiB', /unknown quantity mesageBytes; did you mean messageBytes\?/],
    ['groups', /"groups" is not QUANTITY=VALUE/],
    ['groups=1,groups=2', /groups is given twice/],
    ['toString=1', /unknown quantity toString/],
  ])('rejects %s with the reason', (text, words) => {
    expect(() => readAlternative(text)).toThrow(AppError);
    expect(() => readAlternative(text)).toThrow(words);
  });
});

test('lists every resource with its limit, the lowest first, and the parameters of the run', () => {
  const { limits, measured, safeMaxTps } = answer({ nic: 20e6 });
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  expect(limits.map(({ estimateTps }) => estimateTps)).toEqual(
    limits.map(({ estimateTps }) => estimateTps).toSorted((a, b) => a - b),
  );
  expect(limits[0]?.limitedBy).toEqual(safeMaxTps.limitedBy);
  expect(limits[0]?.estimateTps).toBeCloseTo(safeMaxTps.estimateTps, 6);
  expect(limits.every(({ interval, estimateTps }) => interval.low <= estimateTps)).toBe(true);
  expect(limits.some(({ isBeyondReach }) => isBeyondReach)).toBe(true);
  expect(measured).toMatchObject({ messageBytes: 500, brokers: 1, replicas: 1 });
});
