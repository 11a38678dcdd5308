// Checks how figures of a Prometheus server join a bundle: figures recorded by the run take precedence.

import { expect, test } from 'vitest';
import { joinToBundle } from '../../../../../../analyzer/evidence/importers/joined/join-to-bundle.ts';
import type { HostInterval, HostSeries, LoadTestRun } from '../../../../../../analyzer/evidence/load-test-run.ts';
import type { SourceTelemetry } from '../../../../../../analyzer/evidence/sources/telemetry.ts';

const span = { from: 0, to: 10 };
const cpu = (busyCores: number) => ({ busyCores, iowaitCores: 0, stealCores: 0, cores: 4 });
const intervals = (...all: HostInterval[]) => all;
const hosts = (...all: HostSeries[]) => new Map(all.map((series) => [series.host, series]));

const run = {
  document: {
    id: 'r',
    cluster: 'lab',
    workload: {},
    environment: {
      hosts: [],
      brokers: [
        { id: '1', address: 'a:9092', host: 'mine' },
        { id: '2', address: 'b:9092' },
      ],
    },
  },
  hosts: hosts({ host: 'mine', intervals: intervals({ ...span, cpu: cpu(1) }) }),
  brokers: new Map([['1', [{ ...span, leaders: 3 }]]]),
  lag: [{ elapsedSeconds: 1, group: 'g', messages: 5 }],
  underReplicated: [],
  findings: [],
} as unknown as LoadTestRun;

const seen = {
  source: { name: 'http://prometheus:9090' },
  environment: {
    hosts: [],
    brokers: [
      { id: '1', address: 'a:9092', host: 'node-a' },
      { id: '2', address: 'b:9092', host: 'node-b' },
      { id: '9', address: 'z:9092', host: 'node-z' },
    ],
  },
  hosts: hosts(
    { host: 'node-a', intervals: intervals({ ...span, cpu: cpu(3), memory: { usedBytes: 2, totalBytes: 4 } }) },
    { host: 'node-b', intervals: intervals({ ...span, cpu: cpu(2) }) },
    { host: 'node-z', intervals: intervals({ ...span, cpu: cpu(4) }) },
  ),
  brokers: new Map([
    ['1', [{ ...span, leaders: 8, requestHandlersBusy: 0.4 }]],
    ['9', [{ ...span, requestHandlersBusy: 0.9 }]],
  ]),
  lag: [],
  underReplicated: [],
  findings: [],
} as unknown as SourceTelemetry;

test('figures of the run take precedence, missing figures are added, and other brokers are ignored', () => {
  const joined = joinToBundle(run, seen);
  expect([...joined.hosts.keys()]).toEqual(['mine', 'node-b']);
  const mine = [...(joined.hosts.get('mine')?.intervals ?? [])];
  expect(mine.flatMap((interval) => interval.cpu?.busyCores ?? [])).toEqual([1]);
  expect(mine.flatMap((interval) => interval.memory?.usedBytes ?? [])).toEqual([2]);
  expect(joined.document.environment.brokers.map(({ host }) => host)).toEqual(['mine', 'node-b']);
  expect([...(joined.brokers ?? [])]).toEqual([
    [
      '1',
      [
        { ...span, leaders: 3 },
        { ...span, requestHandlersBusy: 0.4 },
      ],
    ],
  ]);
  expect(joined.lag).toEqual(run.lag);
  expect(joined.findings.map(({ code }) => code)).toEqual(['joined-source']);
});
