import { expect, test } from 'vitest';
import type { HostReading } from '../../../../core/documents/evidence/host-reading.ts';
import type { TelemetryRecord } from '../../../../core/documents/evidence/telemetry.ts';
import { watchBusiestResource } from '../../../../loadgen/record/busiest-resource.ts';
import { idleCard, idleCore } from '../../../support/idle-counters.ts';

const cpu = (busy: number, idle: number, iowait = 0) => ({ ...idleCore, user: busy, idle, iowait });
const card = (transmitBytes: number, transmitPackets: number) => ({ ...idleCard, transmitBytes, transmitPackets });
const record = (elapsedSeconds: number, reading: HostReading, host = 'broker-1'): TelemetryRecord => ({
  kind: 'host',
  host,
  elapsedSeconds,
  scrapeSeconds: 0,
  reading,
});
const environment = (bitsPerSecond?: number) => ({
  hosts: [
    {
      host: 'broker-1',
      networkDevices: [
        { device: 'eth0', ...(bitsPerSecond !== undefined && { speed: { bitsPerSecond, source: 'config' } }) },
      ],
    },
  ],
  brokers: [],
});

test('returns no utilization for one reading', () => {
  expect(watchBusiestResource(environment())([record(1, { cpus: [cpu(1, 1)] })])).toBeUndefined();
});

test('iowait does not count as CPU use', () => {
  const watch = watchBusiestResource(environment());
  watch([record(1, { cpus: [cpu(0, 0)] })]);
  expect(watch([record(2, { cpus: [cpu(0.3, 0.3, 0.4)] })])).toEqual({
    resource: 'cpu',
    host: 'broker-1',
    utilisation: expect.closeTo(0.3, 9),
    seconds: 1,
  });
});

test('a link is measured including frame overhead against its configured speed', () => {
  const watch = watchBusiestResource(environment(8_000));
  watch([record(1, { cpus: [cpu(0, 0)], networkDevices: [card(0, 0)] })]);
  const busiest = watch([record(2, { cpus: [cpu(0.1, 0.9)], networkDevices: [card(260, 10)] })]);
  expect(busiest).toEqual({ resource: 'network-out', host: 'broker-1', utilisation: 0.5, seconds: 1 });
});

test('a NIC with an unknown speed is never the busiest resource', () => {
  const watch = watchBusiestResource(environment());
  watch([record(1, { networkDevices: [card(0, 0)] })]);
  expect(watch([record(2, { networkDevices: [card(1e12, 1)] })])).toBeUndefined();
});

test('the busier of two hosts is reported', () => {
  const watch = watchBusiestResource(environment());
  const both = (at: number, first: number, second: number) => [
    record(at, { cpus: [cpu(first, at - first)] }),
    record(at, { cpus: [cpu(second, at - second)] }, 'broker-2'),
  ];
  watch(both(1, 0, 0));
  expect(watch(both(2, 0.2, 0.7))?.host).toBe('broker-2');
});
