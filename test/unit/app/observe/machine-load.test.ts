import { expect, test } from 'vitest';
import { busiestOf, loadsOf, type MachineSample } from '../../../../app/observe/machine-load.ts';
import type { HostReading } from '../../../../core/documents/evidence/host-reading.ts';
import { parseStat } from '../../../../hosts/proc/stat.ts';
import { idleCard, idleCore } from '../../../support/idle-counters.ts';

const disk = {
  device: 'sda',
  readsCompleted: 0,
  readBytes: 0,
  readTimeSeconds: 0,
  writesCompleted: 0,
  writtenBytes: 0,
  writeTimeSeconds: 0,
  ioNow: 0,
  ioTimeSeconds: 0,
  ioTimeWeightedSeconds: 0,
};
const at = (atSeconds: number, reading: HostReading, speed?: number): MachineSample => ({
  atSeconds,
  reading,
  speeds: new Map(speed === undefined ? [] : [['eth0', speed]]),
});

test('iowait does not count as CPU use', () => {
  const after = at(10, { cpus: [{ ...idleCore, user: 3, system: 1, idle: 4, iowait: 2 }] });
  expect(busiestOf(at(0, { cpus: [idleCore] }), after)).toEqual({ resource: 'cpu', busyRatio: 0.4 });
});

test('a CPU that did not rest at all is fully used', () => {
  // Of a virtual machine with two cores: in binary fractions, its idle and iowait minus themselves are -9e-13 s.
  const cpus = (user: number) =>
    parseStat(
      `cpu0 ${user} 166334 1014798 1888446 9274 0 48332 8180 0 0\ncpu1 4049548 166083 1065009 1877929 34997 0 59397 8264 0 0\n`,
    );
  const [before, after] = [{ cpus: cpus(4_125_660) }, { cpus: cpus(4_125_860) }];
  expect(loadsOf(at(0, before), at(1, after))).toEqual([{ resource: 'cpu', busyRatio: 1 }]);
});

test('the use of a full network card includes the 24 bytes per frame that no counter has', () => {
  const before = { cpus: [idleCore], disks: [disk], networkDevices: [idleCard] };
  const after = {
    cpus: [{ ...idleCore, user: 5, idle: 5 }],
    disks: [{ ...disk, ioTimeSeconds: 6 }],
    // A gigabit for ten seconds, in frames of 1514 bytes.
    networkDevices: [{ ...idleCard, transmitBytes: 812_744 * 1514, transmitPackets: 812_744 }],
  };
  const busiest = busiestOf(at(0, before, 1e9), at(10, after, 1e9));
  expect(busiest).toMatchObject({ resource: 'network-out', device: 'eth0' });
  expect(busiest?.busyRatio).toBeCloseTo(1, 5);
  // The capacity of a network interface with unknown speed is unknown.
  expect(busiestOf(at(0, before), at(10, after))).toEqual({ resource: 'disk-io', device: 'sda', busyRatio: 0.6 });
});

test('decreased counters and new devices have no use', () => {
  const before = { cpus: [{ ...idleCore, user: 50, idle: 50 }], disks: [{ ...disk, ioTimeSeconds: 9 }] };
  const after = {
    cpus: [idleCore],
    disks: [disk, { ...disk, device: 'sdb', ioTimeSeconds: 5 }],
    networkDevices: [idleCard],
  };
  expect(busiestOf(at(0, before, 1e9), at(10, after, 1e9))).toBeUndefined();
});

test('a direction whose packet counter decreased was reset and has no use, even if its bytes increased', () => {
  const before = { networkDevices: [{ ...idleCard, receivePackets: 5_000, transmitPackets: 5_000 }] };
  const after = { networkDevices: [{ ...idleCard, receiveBytes: 1e9, receivePackets: 900, transmitPackets: 5_000 }] };
  expect(loadsOf(at(0, before, 1e9), at(10, after, 1e9))).toEqual([
    { resource: 'network-out', device: 'eth0', busyRatio: 0 },
  ]);
});
