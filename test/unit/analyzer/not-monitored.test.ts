import { expect, test } from 'vitest';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { TelemetryFold } from '../../../analyzer/evidence/importers/telemetry.ts';
import { notMonitoredFindings } from '../../../analyzer/evidence/not-monitored.ts';
import type { BrokerInterval } from '../../../analyzer/evidence/load-test-run.ts';
import { gcLogName, hostName } from '../../../core/documents/evidence/telemetry.ts';

const span = { from: 0, to: 1 };
const run = (broker: 'kafka' | 'rocketmq' | undefined, brokers: Record<string, BrokerInterval[]>) =>
  ({
    document: {
      id: 'r',
      broker,
      cluster: 'lab',
      workload: {},
      environment: {
        hosts: [],
        brokers: [
          { id: '1', address: 'a:1', host: 'a' },
          { id: '2', address: 'b:1', host: 'b' },
        ],
      },
    },
    brokers: new Map(Object.entries(brokers)),
    hosts: new Map(['a', 'b'].map((host) => [host, { host, intervals: [{ ...span, retransmitsPerSecond: 1 }] }])),
    jvms: new Map(),
  }) as unknown as Parameters<typeof notMonitoredFindings>[0];

const messagesOf = (...given: Parameters<typeof run>) =>
  notMonitoredFindings(run(...given)).map(({ message }) => message);

test('a bundle without broker metrics names the brokers and what to add', () => {
  const [internals, pauses, ...others] = messagesOf('kafka', {});
  expect(internals).toMatch(/^Broker internals not monitored on broker 1, broker 2: .*Add `jmx`/);
  expect(pauses).toMatch(/^GC pauses not monitored on broker 1, broker 2/);
  expect(others).toEqual([]);
});

test('without the kind of the brokers, the source of their internals is unknown and not named', () => {
  expect(messagesOf(undefined, {}).map((message) => message.slice(0, 9))).toEqual(['GC pauses']);
});

test('only brokers without figures are named', () => {
  const brokers = { '1': [{ ...span, requestHandlersBusy: 0.2, gcPauseShare: 0 }], '2': [{ ...span, leaders: 3 }] };
  expect(messagesOf('kafka', brokers).map((message) => message.slice(0, 50))).toEqual([
    expect.stringContaining('Broker internals not monitored on broker 2:') as string,
    expect.stringContaining('GC pauses not monitored on broker 2:') as string,
  ]);
});

test('a worker that connects to the run is named as not monitored', () => {
  const { document, ...figures } = run('kafka', {});
  const environment = { ...document.environment, workerHosts: ['a', 'pod-worker'] };
  const found = notMonitoredFindings({ ...figures, document: { ...document, environment } });
  expect(found.map(({ message }) => message).filter((message) => message.startsWith('Worker host'))).toEqual([
    expect.stringMatching(/^Worker host not monitored on pod-worker: .*CPU/),
  ]);
});

test('a RocketMQ broker is monitored by its runtime metrics, and its pauses by jstat', () => {
  const figures = [{ ...span, sendQueueWaitSeconds: 0 }];
  const told = run('rocketmq', { '1': figures, '2': figures });
  const jvms = new Map(['a', 'b'].map((host) => [host, [{ ...span, rates: {} }]])) as never;
  expect(notMonitoredFindings({ ...told, jvms })).toEqual([]);
  expect(messagesOf('rocketmq', { '1': figures })[0]).toMatch(
    /^Broker runtime metrics not monitored on broker 2: .*send queue/,
  );
});

test('configured sources with failed readings are reported as failed, without advice to add them', () => {
  const fold = new TelemetryFold('telemetry.ndjson', run('kafka', {}).document.environment);
  for (const source of [gcLogName('1'), hostName('a'), traitsOf('kafka').internals.sourceOf('1')]) {
    const message = `${source} did not answer within 6000 ms`;
    fold.add(1, { kind: 'error', source, elapsedSeconds: 6, scrapeSeconds: 6, code: 'slow', message });
  }
  const found = notMonitoredFindings({ ...fold.finish(), ...run('kafka', {}), hosts: new Map() });
  const failed = /^(.*) not monitored on broker 1: .*readings failed.*`telemetry-failed`/;
  expect(found.flatMap(({ message }) => failed.exec(message)?.[1] ?? [])).toEqual([
    'Broker internals',
    'GC pauses',
    'Host metrics',
  ]);
  expect(
    found.flatMap(({ message }) => /^.* on broker 2: .*(`jmx`|`gcLogs`|`hosts:`)/.exec(message)?.[1] ?? []),
  ).toHaveLength(3);
});
