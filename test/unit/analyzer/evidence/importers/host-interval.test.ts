import { describe, expect, test } from 'vitest';
import type { HostReading } from '../../../../../core/documents/evidence/host-reading.ts';
import { intervalBetween } from '../../../../../analyzer/evidence/importers/host-interval.ts';

const core = (over: Record<string, number> = {}) => ({
  user: 10,
  nice: 0,
  system: 5,
  idle: 100,
  iowait: 1,
  irq: 0,
  softirq: 0,
  steal: 0,
  ...over,
});
const card = (over: Record<string, number> = {}) => ({
  device: 'eth0',
  receiveBytes: 1000,
  receivePackets: 10,
  receiveErrors: 0,
  receiveDrops: 0,
  transmitBytes: 2000,
  transmitPackets: 20,
  transmitErrors: 0,
  transmitDrops: 0,
  ...over,
});
const between = (before: HostReading, after: HostReading, seconds = 2) =>
  intervalBetween({ elapsedSeconds: 1, reading: before }, { elapsedSeconds: 1 + seconds, reading: after });

describe('CPU', () => {
  test('iowait does not count as CPU use', () => {
    const after = core({ user: 10.5, idle: 100.5, iowait: 2 });
    expect(between({ cpus: [core()] }, { cpus: [after] })?.cpu).toMatchObject({ busyCores: 0.25, iowaitCores: 0.5 });
  });

  test('steal time is not part of the CPU capacity', () => {
    const after = core({ steal: 1, idle: 101 });
    expect(between({ cpus: [core()] }, { cpus: [after] })?.cpu).toMatchObject({ busyCores: 0.5, stealCores: 0.5 });
  });

  test('a saturated core is visible even if the mean CPU use is low', () => {
    const after = [core({ idle: 102 }), core({ idle: 102 }), core({ user: 12 }), core({ idle: 102 })];
    const cpu = between({ cpus: [core(), core(), core(), core()] }, { cpus: after })?.cpu;
    expect(cpu).toMatchObject({ busyCores: 1, hottestCore: 1, hottestIndex: 2, cores: 4 });
  });

  test('counters that a reboot has reset yield no rate', () => {
    expect(between({ cpus: [core()] }, { cpus: [core({ user: 1, idle: 3 })] })?.cpu).toBeUndefined();
  });
});

describe('the uptime of the host', () => {
  const moved = (uptimes: readonly [number, number], seconds: number) => {
    const [before, after] = uptimes;
    const reading = { uptimeSeconds: after, networkDevices: [card({ receiveBytes: 7000 })] };
    const interval = between({ uptimeSeconds: before, networkDevices: [card()] }, reading, seconds);
    return interval?.network?.[0]?.inBytesPerSecond;
  };

  test('determines the length of the interval if the run recorded the reading late', () => {
    // As recorded on a busy load generator: counters of one second, 1.07 s after the previous reading.
    expect(moved([50, 51], 1.07)).toBe(6000);
  });

  test('is ignored within its resolution, and if it differs too much from the clock of the run', () => {
    expect(moved([50, 51], 1.008)).toBeCloseTo(6000 / 1.008, 6);
    expect(moved([50, 50], 1)).toBe(6000);
    expect(moved([50, 58], 1)).toBe(6000);
    expect(moved([9000, 3], 1)).toBe(6000);
  });
});

describe('retransmits', () => {
  test('are a rate, which is absent without two readings or after a counter reset', () => {
    const netstat = (segments: number) => ({ netstat: { Tcp_RetransSegs: segments } });
    expect(between(netstat(10), netstat(16))?.retransmitsPerSecond).toBe(3);
    expect(between({}, netstat(16))?.retransmitsPerSecond).toBeUndefined();
    expect(between(netstat(16), netstat(1))?.retransmitsPerSecond).toBeUndefined();
  });
});

describe('packet queues', () => {
  const queue = (backlogBytes: number, drops: number) => [
    { device: 'eth0', kind: 'tbf', backlogBytes, drops, overlimits: 9 },
  ];
  const linkOf = (before: HostReading['queues'], after: HostReading['queues']) =>
    between(
      { networkDevices: [card()], ...(before && { queues: before }) },
      { networkDevices: [card()], ...(after && { queues: after }) },
    )?.network?.[0];

  test('show the waiting bytes', () => {
    expect(linkOf(queue(0, 4), queue(70_000, 10))).toMatchObject({ backlogBytes: 70_000 });
  });

  test('are absent if they were not read', () => {
    expect(linkOf(queue(0, 4), undefined)).not.toHaveProperty('backlogBytes');
  });
});

describe('network links', () => {
  test('count bytes on the wire, including frame overhead, per second', () => {
    const after = card({ receiveBytes: 2000, receivePackets: 12, transmitBytes: 6000, transmitPackets: 30 });
    const [link] = between({ networkDevices: [card()] }, { networkDevices: [after] })?.network ?? [];
    expect(link?.inBytesPerSecond).toBe((1000 + 24 * 2) / 2);
    expect(link?.outBytesPerSecond).toBe((4000 + 24 * 10) / 2);
    expect([link?.inFramesPerSecond, link?.outFramesPerSecond]).toEqual([1, 5]);
  });

  test('a card that was reset has no rate, but the others have', () => {
    const before = [card(), card({ device: 'eth1' } as never)];
    const after = [card({ receiveBytes: 0 }), card({ device: 'eth1' } as never)];
    expect(
      between({ networkDevices: before }, { networkDevices: after })?.network?.map(({ device }) => device),
    ).toEqual(['eth1']);
  });
});

test('two readings at the same time yield no interval', () => expect(between({}, {}, 0)).toBeUndefined());
test('metrics that were not read are absent', () => expect(between({}, {})).toEqual({ from: 1, to: 3 }));
