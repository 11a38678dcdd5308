import { expect, test } from 'vitest';
import { parseSockstat } from '../../../../hosts/proc/sockstat.ts';
import { parseUdevDisk } from '../../../../hosts/proc/udev.ts';
import { parseUptime } from '../../../../hosts/proc/uptime.ts';
import { parseVmstat } from '../../../../hosts/proc/vmstat.ts';

test('memory of sockets is counted in pages and reported in bytes too', () =>
  expect(parseSockstat('sockets: used 172\nTCP: inuse 22 orphan 0 mem 5\nUDP6: inuse 1\n')).toEqual({
    sockets_used: 172,
    TCP_inuse: 22,
    TCP_orphan: 0,
    TCP_mem: 5,
    TCP_mem_bytes: 20_480,
    UDP6_inuse: 1,
  }));

test('of the paging counters those are kept that node_exporter keeps', () =>
  expect(parseVmstat('nr_free_pages 5\npgmajfault 7\npswpin 1\noom_kill 0\n')).toEqual({
    pgmajfault: 7,
    pswpin: 1,
    oom_kill: 0,
  }));

test('uptime is the first of two figures, and a cut one is none', () => {
  expect(parseUptime('20312.48 38120.02\n')).toBe(20_312.48);
  expect(parseUptime('20312.4')).toBeUndefined();
});

test('a disk has the words udev has for it, and empty ones where no udev runs', () => {
  const text = 'S:disk/by-id/x\nE:ID_MODEL=MZQL2\nE:ID_SERIAL=long\nE:ID_SERIAL_SHORT=S64\n';
  expect(parseUdevDisk('nvme0n1', ['259', '0'], text)).toMatchObject({ model: 'MZQL2', serial: 'S64', wwn: '' });
  expect(parseUdevDisk('vda', ['254', '0'])).toMatchObject({ major: '254', minor: '0', model: '', serial: '' });
});
