import { expect, test } from 'vitest';
import { parseAllowedCpus } from '../../../../hosts/proc/process.ts';
import { parseSockstat } from '../../../../hosts/proc/network.ts';
import { parseUdevDisk } from '../../../../hosts/proc/udev.ts';
import { parseUptime } from '../../../../hosts/proc/stat.ts';
import { parseVmstat } from '../../../../hosts/proc/memory.ts';

test('returns socket memory in pages and in bytes', () =>
  expect(parseSockstat('sockets: used 172\nTCP: inuse 22 orphan 0 mem 5\nUDP6: inuse 1\n')).toEqual({
    sockets_used: 172,
    TCP_inuse: 22,
    TCP_orphan: 0,
    TCP_mem: 5,
    TCP_mem_bytes: 20_480,
    UDP6_inuse: 1,
  }));

test('keeps the paging counters that node_exporter keeps', () =>
  expect(parseVmstat('nr_free_pages 5\npgmajfault 7\npswpin 1\noom_kill 0\n')).toEqual({
    pgmajfault: 7,
    pswpin: 1,
    oom_kill: 0,
  }));

test('counts allowed CPUs from the ranges of the list, and returns nothing for a truncated or damaged list', () => {
  const status = (list: string) =>
    `Seccomp_filters:\t0\nCpus_allowed:\t0000010f\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\nMems_allowed_list:\t0\n`;
  expect(parseAllowedCpus(status('0-3,8'))).toBe(5);
  expect(parseAllowedCpus(status('7'))).toBe(1);
  expect(parseAllowedCpus(status('0-127'))).toBe(128);
  for (const damaged of ['', '3-0', '0-', '0-3,,8', '0-999999']) {
    expect(parseAllowedCpus(status(damaged))).toBeUndefined();
  }
  expect(parseAllowedCpus('Cpus_allowed_list:\t0-1')).toBeUndefined();
});

test('uptime is the first of two numbers, and absent if truncated', () => {
  expect(parseUptime('20312.48 38120.02\n')).toBe(20_312.48);
  expect(parseUptime('20312.4')).toBeUndefined();
});

test('a disk has the properties of udev, or empty ones without udev', () => {
  const text = 'S:disk/by-id/x\nE:ID_MODEL=MZQL2\nE:ID_SERIAL=long\nE:ID_SERIAL_SHORT=S64\n';
  expect(parseUdevDisk('nvme0n1', ['259', '0'], text)).toMatchObject({ model: 'MZQL2', serial: 'S64', wwn: '' });
  expect(parseUdevDisk('vda', ['254', '0'])).toMatchObject({ major: '254', minor: '0', model: '', serial: '' });
});
