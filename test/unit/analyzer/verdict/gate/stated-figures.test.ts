// Checks that stated cores, message sizes, replicas and clocks are compared with counters, down to a few percent.

import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { clocks } from '../../../../../analyzer/verdict/gate/checks/clocks.ts';
import { consumedOf, producedOf } from '../../../../../analyzer/evidence/importers/journal-intervals.ts';
import { TelemetryFold } from '../../../../../analyzer/evidence/importers/telemetry.ts';
import type { BrokerInterval, LoadTestRun, Produced } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import type { CpuTimes } from '../../../../../core/documents/evidence/host-reading.ts';
import { recordBatchBytes } from '../../../../../core/wire/record-batch-bytes.ts';
import { createConsumptionCounts } from '../../../../../loadgen/execute/workers/consume.ts';
import { createLatencyRecorder } from '../../../../../loadgen/record/latency.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const analysed = (run: LoadTestRun, by = policy) => analyzeRun(run, by);
const codes = (run: LoadTestRun) => analysed(run).findings.map(({ code }) => code);
const messageOf = (run: LoadTestRun, code: string) =>
  analysed(run).findings.find((finding) => finding.code === code)?.message;
const highestStep = 5000;

describe('message size', () => {
  const code = 'stated-message-size-contradicted';
  const sent = (bytesOf: (line: Produced) => number): LoadTestRun => {
    const run = plainRun();
    return { ...run, produced: run.produced.map((line) => ({ ...line, bytes: bytesOf(line) })) };
  };

  test('messages 4% longer than stated reduce the safe maximum to at-least', () => {
    const run = sent(({ acknowledged }) => 520 * acknowledged);
    expect(messageOf(run, code)).toContain('500 bytes, but the load generator sent 520 bytes per message (104%');
    expect(analysed(run).safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'figures-in-doubt' });
    expect(analysed(run).safeMaxTps).toHaveProperty('tps', highestStep);
  });

  test('messages 4% shorter than stated leave the safe maximum unknown', () => {
    const run = sent(({ acknowledged }) => 480 * acknowledged);
    expect(codes(run)).toContain(code);
    expect(analysed(run).safeMaxTps).toMatchObject({ kind: 'unknown' });
  });

  test('random message sizes around the stated mean do not contradict it', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })), (draws) => {
        const run = sent(({ acknowledged }) => {
          const { value } = draws.next() as { value: number };
          // The mean of `acknowledged` sizes between 100 and 900.
          return acknowledged * (500 + (value * 3 * 230) / Math.sqrt(acknowledged));
        });
        expect(codes(run)).not.toContain(code);
      }),
      { numRuns: 20, seed: 7 },
    );
  });

  /** Brokers that count batches of this body size, with larger batches at higher rates, and a constant load of other clients. */
  const stored = (bodyBytes: number, { packed = 1, keyBytes = 0, others = { messages: 3, bytes: 90 } } = {}) => {
    const run = plainRun();
    const records = (line: Produced) => 1 + line.acknowledged / 1000;
    const produced = run.produced.map((line) => ({ ...line, requests: line.acknowledged / records(line) }));
    const intervals = produced.map((line): BrokerInterval => {
      const batch = recordBatchBytes({ bodyBytes, keyBytes }, records(line), packed);
      return {
        from: line.from,
        to: line.to,
        messagesInPerSecond: line.acknowledged + others.messages,
        bytesInPerSecond: line.requests * batch + others.messages * others.bytes,
      };
    });
    return { ...run, produced, brokers: new Map([['1', intervals]]) };
  };
  const withWorkload = (run: LoadTestRun, workload: Record<string, unknown>): LoadTestRun => ({
    ...run,
    document: {
      ...run.document,
      resume: { workload, keepTopic: false, ownTopics: [], clusterDigest: '' },
    },
  });

  test('brokers that store 5% more bytes per message contradict the stated size, whatever other clients send', () => {
    const run = withWorkload(stored(525, { others: { messages: 20, bytes: 40_000 } }), { keys: 'none' });
    expect(messageOf(run, code)).toContain('without protocol overhead, 525 bytes per message (105%');
    expect(analysed(run).safeMaxTps.kind).toBe('at-least');
    // RocketMQ stores messages one by one, without record batches.
    expect(codes({ ...run, document: { ...run.document, broker: 'rocketmq' } })).not.toContain(code);
  });

  test('growing batches, keys and large messages of other clients do not contradict the stated size', () => {
    expect(codes(stored(500))).not.toContain(code);
    expect(codes(stored(500, { keyBytes: 16 }))).not.toContain(code);
    const long = { kind: 'uniform', distinct: 10, size: 100 };
    expect(codes(withWorkload(stored(500, { keyBytes: 100 }), { keys: long }))).not.toContain(code);
    expect(codes(withWorkload(stored(500), { keys: long, compression: 'none' }))).toContain(code);
    expect(codes(stored(500, { others: { messages: 20, bytes: 40_000 } }))).not.toContain(code);
  });

  test('smaller batches contradict the stated size only if the workload is not compressed', () => {
    const packed = stored(500, { packed: 2 });
    expect(codes(packed)).not.toContain(code);
    expect(codes(withWorkload(packed, { compression: 'lz4' }))).not.toContain(code);
    expect(codes(withWorkload(packed, { compression: 'none' }))).toContain(code);
  });
});

describe('replicas', () => {
  const code = 'stated-replicas-contradicted';
  const stating = (replicationFactor: number, change: Partial<LoadTestRun> = {}): LoadTestRun => {
    const run = plainRun();
    return {
      ...run,
      document: { ...run.document, workload: { ...run.document.workload, replicationFactor } },
      ...change,
    };
  };
  const row = (count: number, partitions: number) => ({
    leader: '1',
    replicas: Array.from({ length: count }, (_, index) => `${index + 1}`),
    partitions,
  });

  test('fewer replicas than stated leave the safe maximum unknown, and more replicas reduce it to at-least', () => {
    const fewer = stating(3, { placements: [{ elapsedSeconds: 0, rows: [row(3, 6), row(2, 6)] }] });
    expect(messageOf(fewer, code)).toContain('is 3, but 6 of 12 partitions have 2 replicas');
    expect(analysed(fewer).safeMaxTps.kind).toBe('unknown');
    const more = stating(1, { placements: [{ elapsedSeconds: 0, rows: [row(3, 12)] }] });
    expect(analysed(more).safeMaxTps).toMatchObject({ kind: 'at-least', tps: highestStep });
  });

  test('reports a replica count that changes during the run, and accepts the stated placement', () => {
    const moved = [
      { elapsedSeconds: 0, rows: [row(3, 12)] },
      { elapsedSeconds: 20, rows: [row(4, 12)] },
    ];
    expect(codes(stating(3, { placements: moved }))).toContain(code);
    expect(codes(stating(3, { placements: moved.slice(0, 1) }))).not.toContain(code);
  });

  const fetched = (copies: number, { stored = 1 } = {}): Partial<LoadTestRun> => {
    const { produced } = plainRun();
    const intervals = produced.map(({ from, to, acknowledged }): BrokerInterval => ({
      from,
      to,
      bytesInPerSecond: 520 * acknowledged,
      bytesOutPerSecond: 520 * acknowledged * stored,
      replicationBytesOutPerSecond: 520 * acknowledged * stored * (copies - 1) + 1000,
    }));
    const consumed = produced.map(({ from, to, acknowledged }) => ({
      from,
      to,
      worker: 'consumer-0',
      group: 'g',
      messages: acknowledged,
      eventLoopUtilisation: 0.1,
      cpuSeconds: 0.1,
    }));
    return { consumed, brokers: new Map([['1', intervals]]) };
  };

  test('without placement data, follower fetch traffic contradicts a wrong replica count', () => {
    expect(messageOf(stating(3, fetched(2)), code)).toContain('followers fetch as many bytes as with 2 replicas');
    expect(codes(stating(3, fetched(3)))).not.toContain(code);
  });

  test('brokers that recompress messages are not taken for a missing replica', () =>
    expect(codes(stating(3, fetched(3, { stored: 0.5 })))).not.toContain(code));
});

describe('cores', () => {
  const code = 'stated-cores-contradicted';
  const stating = (cores: number, run = plainRun({ cores: 4 })): LoadTestRun => {
    const series = run.hosts.get('broker-1');
    if (series?.inventory === undefined) throw new Error('no broker-1');
    return { ...run, hosts: new Map([['broker-1', { ...series, inventory: { ...series.inventory, cores } }]]) };
  };

  test('counters of 4 cores contradict 5 or 3 stated cores', () => {
    expect(messageOf(stating(5), code)).toBe(
      'Broker 1 has a stated number of cores of 5, but its counters show 4 (80% of that). Correct the number of cores and analyze again.',
    );
    expect(analysed(stating(5)).safeMaxTps.kind).toBe('unknown');
    expect(analysed(stating(3)).safeMaxTps.kind).toBe('at-least');
    expect(codes(stating(4))).not.toContain(code);
  });

  /** CPU use as a tool prints it: a share of all cores, converted with the stated number of cores, and the busiest core. */
  const printed = (cores: number, stated: number) =>
    stating(
      stated,
      withIntervals(plainRun({ cores: stated }), (interval) => ({
        ...interval,
        cpu: { busyCores: (1.2 / cores) * stated, iowaitCores: 0, stealCores: 0, cores: stated, hottestCore: 0.95 },
      })),
    );

  test('a core busier than all stated cores together shows that the host has more cores', () => {
    expect(messageOf(printed(16, 8), code)).toContain('show at least 13');
    expect(codes(printed(16, 16))).not.toContain(code);
  });
});

describe('CPU limit of a cgroup or an affinity', () => {
  const code = 'cpu-limit-below-cores';
  const limitedTo = (cpuLimitCores: number, allowedCpus?: number): LoadTestRun => {
    const run = plainRun({ cores: 64 });
    const jvm = { flags: [], cpuLimitCores, ...(allowedCpus !== undefined && { allowedCpus }) };
    const settings = { read: [], shared: {}, own: {}, jvms: { '1': jvm }, unread: [] };
    return { ...run, document: { ...run.document, settings } };
  };

  test('a CPU limit that higher rates would reach reduces the safe maximum to at-least', () => {
    const message = 'Broker 1 is limited to 0.3 of 64 host cores (cgroup or affinity)';
    expect(messageOf(limitedTo(0.3), code)).toContain(message);
    expect(messageOf(limitedTo(60, 1), code)).toContain('limited to 1 of 64 host cores');
    expect(analysed(limitedTo(0.3)).safeMaxTps).toEqual({
      kind: 'at-least',
      tps: highestStep,
      reason: 'figures-in-doubt',
    });
  });

  test('a CPU limit far above the CPU use of the host is reported and changes nothing', () => {
    expect(messageOf(limitedTo(60), code)).toContain('not busy enough');
    expect(analysed(limitedTo(60)).safeMaxTps).toEqual(analysed(plainRun({ cores: 64 })).safeMaxTps);
  });

  test('a CPU limit of all cores or more is not reported', () => {
    expect(codes(limitedTo(64))).not.toContain(code);
    expect(codes(limitedTo(100))).not.toContain(code);
  });
});

describe('clocks', () => {
  const code = 'clock-contradicted';
  const idle: CpuTimes = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0 };
  /** Host readings that pass through the telemetry fold, one per second. */
  const clockOf = (uptimeAt: (second: number) => number) => {
    const fold = new TelemetryFold('telemetry.ndjson', { hosts: [], brokers: [] });
    for (let second = 0; second < 60; second += 1) {
      const reading = { uptimeSeconds: uptimeAt(second), cpus: [{ ...idle, idle: second }] };
      fold.add(second + 1, { kind: 'host', host: 'broker-1', elapsedSeconds: second, scrapeSeconds: 0.01, reading });
    }
    const clock = fold.finish().hosts.get('broker-1')?.clock;
    const run = plainRun();
    const series = run.hosts.get('broker-1');
    if (clock === undefined || series === undefined) throw new Error('no clock');
    return { ...run, hosts: new Map([['broker-1', { ...series, clock }]]) };
  };

  test('a paused load generator or cached host readings contradict the clock and leave no safe maximum', () => {
    const paused = clockOf((second) => 1000 + second + (second > 30 ? 5 : 0));
    expect(messageOf(paused, code)).toContain('The clock of broker 1 gained 5 s');
    expect(analysed(paused).safeMaxTps.kind).toBe('unknown');
    expect(codes(clockOf((second) => 1000 + 10 * Math.floor(second / 10)))).toContain(code);
  });

  test('a run resumed an hour later does not contradict the clock', () => {
    const later = clockOf((second) => 1000 + second + (second > 30 ? 3600 : 0));
    const startedAt = '2026-01-01T01:00:00.000Z';
    const resumed = [{ kind: 'resumed' as const, elapsedSeconds: 30, attempt: 2, startedAt }];
    const run: LoadTestRun = { ...later, events: { ...later.events, resumed } };
    expect(codes(run)).not.toContain(code);
  });

  test('tolerates late timestamps, slewed clocks and a reboot', () => {
    expect(codes(clockOf((second) => 1000 + second * 1.0004 + (second % 3) * 0.07))).not.toContain(code);
    expect(codes(clockOf((second) => (second < 20 ? 1000 : -20) + second))).not.toContain(code);
  });

  /** Records of a consumer on another host whose clock is `seconds` slow. */
  const behind = (seconds: number, run = plainRun()): LoadTestRun => {
    const counts = createConsumptionCounts();
    for (let n = 0; n < 200; n += 1) counts.consumed(0.004 - seconds, 500);
    const line = { elapsedSeconds: 1, intervalSeconds: 1, worker: 'c', group: 'g' };
    const costs = { eventLoopUtilisation: 0.1, cpuSeconds: 0.1 };
    const first = consumedOf({ kind: 'consumed', ...line, ...counts.take(), ...costs });
    const consumed = run.produced.map(({ from, to, acknowledged: messages }) => ({ ...first, from, to, messages }));
    return { ...run, consumed };
  };

  test('compares the worker clocks of a run of 150,000 seconds', () => {
    const run = behind(0.05, plainRun({ rates: [1000], stepSeconds: 150_000 }));
    const found = clocks({ run, steps: [], uses: [], policy });
    expect(found.map(({ finding }) => finding?.code)).toEqual([code]);
  });

  test('messages consumed before they were due show different clocks and invalidate an end-to-end SLO', () => {
    const run = behind(0.05);
    expect(messageOf(run, code)).toContain('before the due time (by up to 46 ms)');
    expect(analysed(run).safeMaxTps.kind).toBe('predicted');
    const slo = { endToEndP99: { value: 0.1, source: 'a test' } };
    expect(analysed(run, { ...policy, slo }).safeMaxTps.kind).toBe('unknown');
    expect(codes(behind(0.0045))).not.toContain(code);
    const known = { ...run, events: { ...run.events, clockErrorSeconds: 0.06 } };
    expect(codes(known)).not.toContain(code);
    // The broker's clock decides when a delayed message is due.
    const resume = { workload: { delay: { after: 30 } }, keepTopic: false, ownTopics: [], clusterDigest: '' };
    expect(codes({ ...run, document: { ...run.document, resume } })).not.toContain(code);
  });
});

test('reads the acknowledged payload bytes from a journal line', () => {
  const histogram = createLatencyRecorder().take();
  const line = {
    kind: 'produced' as const,
    elapsedSeconds: 1,
    intervalSeconds: 1,
    worker: 'p',
    intended: 10,
    sent: 10,
    acknowledged: 10,
    failed: 0,
    requests: 1,
    bytes: 5000,
    latency: histogram,
    sendDelay: histogram,
    eventLoopUtilisation: 0.1,
    eventLoopDelayMaxSeconds: 0,
    cpuSeconds: 0.1,
  };
  expect(producedOf(line).bytes).toBe(5000);
});
