// Provides a minimal load test to analyze: one broker, a linear link, no noise.

import { noEvents } from '../../analyzer/evidence/importers/run-events.ts';
import type { HostInterval, LoadTestRun, Produced, RecordedStep } from '../../analyzer/evidence/load-test-run.ts';

export interface PlainRun {
  rates: readonly number[];
  stepSeconds: number;
  linkBytesPerSecond: number;
  idleBytes: number;
  bytesPerMessage: number;
  cores: number;
  coreSecondsPerMessage: number;
  /** Ratio of acknowledged to intended messages, per step. */
  carried(rate: number): number;
}

export const plain: PlainRun = {
  rates: [1000, 2000, 3000, 4000, 5000],
  stepSeconds: 12,
  linkBytesPerSecond: 6.25e6,
  idleBytes: 1e4,
  bytesPerMessage: 600,
  cores: 4,
  coreSecondsPerMessage: 1e-5,
  carried: () => 1,
};

export function plainRun(change: Partial<PlainRun> = {}): LoadTestRun {
  const shape = { ...plain, ...change };
  const { rates, stepSeconds, linkBytesPerSecond, idleBytes, bytesPerMessage, cores, coreSecondsPerMessage } = shape;
  const seconds = rates.flatMap((rate, index) =>
    Array.from({ length: stepSeconds }, (_, second) => ({ rate, from: index * stepSeconds + second })),
  );
  return {
    document: {
      id: 'plain',
      broker: 'kafka',
      cluster: 'lab',
      workload: { messageBytes: 500, groups: 0 },
      startedAt: '2026-01-01T00:00:00.000Z',
      environment: {
        hosts: [],
        brokers: [{ id: '1', address: '127.0.0.1:9092', host: 'broker-1' }],
        generatorHost: 'generator',
      },
    },
    steps: rates.map((targetTps, index): RecordedStep => {
      const from = index * stepSeconds;
      return { index, targetTps, plannedSeconds: stepSeconds, from, to: from + stepSeconds, cutOff: false };
    }),
    produced: seconds.map(({ rate, from }): Produced => {
      const acknowledged = rate * shape.carried(rate);
      return {
        from,
        to: from + 1,
        worker: 'producer-0',
        intended: rate,
        sent: acknowledged,
        acknowledged,
        failed: 0,
        requests: acknowledged / 50,
        blockedSeconds: 0,
        eventLoopUtilisation: 0.2,
        cpuSeconds: 0.2,
      };
    }),
    consumed: [],
    hosts: new Map([
      [
        'broker-1',
        {
          host: 'broker-1',
          inventory: {
            host: 'broker-1',
            cores,
            networkDevices: [{ device: 'eth0', speed: { bitsPerSecond: linkBytesPerSecond * 8, source: 'stated' } }],
          },
          intervals: seconds.map(({ rate, from }) => {
            const wire = Math.min(linkBytesPerSecond, idleBytes + bytesPerMessage * rate * shape.carried(rate));
            const busyCores = 0.1 + coreSecondsPerMessage * rate * shape.carried(rate);
            return {
              from,
              to: from + 1,
              cpu: { busyCores, iowaitCores: 0, stealCores: 0, cores, hottestCore: busyCores / cores },
              network: [{ device: 'eth0', inBytesPerSecond: wire, outBytesPerSecond: wire / 10 }],
            };
          }),
        },
      ],
    ]),
    lag: [],
    jvms: new Map(),
    underReplicated: [],
    status: 'completed',
    durationSeconds: rates.length * stepSeconds,
    events: noEvents(),
    findings: [],
  };
}

/** Changes every reading of the run's broker, or copies it to another host. */
export function withIntervals(
  run: LoadTestRun,
  change: (interval: HostInterval) => HostInterval,
  host = 'broker-1',
): LoadTestRun {
  const series = run.hosts.get('broker-1');
  if (series === undefined) throw new Error('no broker-1');
  return {
    ...run,
    hosts: new Map([...run.hosts, [host, { ...series, host, intervals: series.intervals.map(change) }]]),
  };
}
