import { expect, test } from 'vitest';
import { joinFiles, type JoinOptions } from '../../../../../../analyzer/evidence/importers/joined/joined-run.ts';
import { windowOf, withTelemetry } from '../../../../../../analyzer/evidence/importers/joined/with-telemetry.ts';
import type { SourceTelemetry } from '../../../../../../analyzer/evidence/sources/telemetry.ts';
import { nothingStated, producerPerfLog, rocketmqProducerLog, sarCpu } from '../../../../../support/load-test-files.ts';

const noon = Date.parse('2026-11-20T12:00:00Z');
const join = (named: Record<string, string>, options: Partial<JoinOptions> = {}) =>
  joinFiles(
    Object.entries(named).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
    { ...nothingStated, ...options },
  );
const load = { 'p.log': rocketmqProducerLog({ rate: 9000 }, noon) };

const interval = { from: 0, to: 15, network: [{ device: 'eth0', inBytesPerSecond: 1e6, outBytesPerSecond: 1e6 }] };
const cpu = { busyCores: 2, iowaitCores: 0, stealCores: 0, cores: 8 };
const seen = (over: Partial<SourceTelemetry> = {}): SourceTelemetry => ({
  source: { name: 'prod', format: 'prometheus', flags: [] },
  startedAt: '2026-11-20T12:00:00.000Z',
  durationSeconds: 80,
  environment: { hosts: [{ host: 'mq-1' }], brokers: [{ id: 'broker-a', address: '10.0.0.1:10911', host: 'mq-1' }] },
  hosts: new Map([
    [
      'mq-1',
      {
        host: 'mq-1',
        inventory: { host: 'mq-1', networkDevices: [{ device: 'eth0' }] },
        intervals: [{ ...interval, cpu }],
      },
    ],
  ]),
  brokers: new Map([['broker-a', [{ from: 0, to: 15, messagesInPerSecond: 9000 }]]]),
  lag: [],
  underReplicated: [],
  traffic: [],
  events: [],
  findings: [],
  inventory: [],
  cost: { requests: 1, wireBytes: 1 },
  ...over,
});

test('the queried window is the time of the load, with at least ten samples in the shortest step', () => {
  expect(windowOf(join(load))).toEqual({
    from: new Date(noon),
    to: new Date(noon + 80_000),
    stepSeconds: 7,
  });
});

test('a load without a start time cannot be joined with telemetry', () => {
  expect(() => windowOf(join({ 'p.log': producerPerfLog({ rate: 1000 }) }))).toThrow(/do not contain the start time/);
});

test('brokers and hosts of the telemetry are added to the run, and telemetry is no longer missing', () => {
  const run = withTelemetry(join(load), seen(), { links: [] });
  expect(run.document.environment.brokers).toEqual([{ id: 'broker-a', address: '10.0.0.1:10911', host: 'mq-1' }]);
  expect(run.brokers?.get('broker-a')).toHaveLength(1);
  expect(run.document.sources?.map(({ format }) => format)).toEqual(['rocketmq-benchmark', 'prometheus']);
  expect(run.findings.map(({ code }) => code)).not.toContain('no-telemetry');
});

test('host metrics from a file take precedence over those of the telemetry source', () => {
  const beside = join({ ...load, 'sar.txt': sarCpu({ seconds: 80, from: '12:00:00' }) }, { timezone: 'UTC' });
  const host = withTelemetry(beside, seen(), { links: [] }).hosts.get('mq-1');
  const intervals = [...(host?.intervals ?? [])];
  expect(intervals.filter((each) => each.cpu).every((each) => each.cpu?.cores === 16)).toBe(true);
  expect(intervals.filter((each) => each.network)).toEqual([interval]);
});

test('metrics of the telemetry source count after the end of a file', () => {
  const beside = join({ ...load, 'sar.txt': sarCpu({ seconds: 40, from: '12:00:00' }) }, { timezone: 'UTC' });
  const system = seen();
  const intervals = [interval, { ...interval, from: 60, to: 75 }].map((each) => ({ ...each, cpu }));
  const hosts = new Map([['mq-1', { host: 'mq-1', intervals }]]);
  const merged = withTelemetry(beside, { ...system, hosts }, { links: [] }).hosts.get('mq-1');
  const ofSystem = [...(merged?.intervals ?? [])].filter((each) => each.cpu?.cores === 8);
  expect(ofSystem.map(({ from }) => from)).toEqual([60]);
});

test('a stated link speed applies to the card in the telemetry', () => {
  const run = withTelemetry(join(load), seen(), { links: [{ host: 'mq-1', bitsPerSecond: 1e9 }] });
  expect(run.hosts.get('mq-1')?.inventory?.networkDevices).toEqual([
    { device: 'eth0', speed: { bitsPerSecond: 1e9, source: 'stated with --nic' } },
  ]);
});

test('a broker restart during the run is reported', () => {
  const events = [{ kind: 'broker-restarted', broker: 'broker-a', elapsedSeconds: 30.4 }] as const;
  const { findings } = withTelemetry(join(load), seen({ events }), { links: [] });
  expect(findings.find(({ code }) => code === 'cluster-changed')?.message).toContain(
    '30 s after the start, broker broker-a was restarted',
  );
});

test('without known brokers, each host except the generator counts as a broker', () => {
  const alone = seen({ environment: { hosts: [{ host: 'mq-1' }], brokers: [] }, brokers: new Map() });
  const run = withTelemetry(join(load), alone, { links: [] });
  expect(run.document.environment.brokers.map(({ id }) => id)).toEqual(['mq-1']);
  expect(run.findings.map(({ code }) => code)).toContain('machines-as-brokers');
});
