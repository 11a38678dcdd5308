import { expect, test } from 'vitest';
import { readJoinOptions } from '../../../../cli/analysis/join-options.ts';
import { AppError } from '../../../../core/errors.ts';

const files = ['p.log', 'runs/sar.txt'];

test('a value applies to all files, or to a file named with or without its folder', () => {
  const { clockOffsets, starts, rates } = readJoinOptions(
    { 'clock-offset': ['sar.txt=+8h', '-3s'], start: ['p.log=2026-01-01T12:00:00+08:00'], rate: ['5000'] },
    files,
  );
  expect(clockOffsets).toEqual({ all: -3, byFile: new Map([['runs/sar.txt', 28_800]]) });
  expect(starts.byFile.get('p.log')).toBe(Date.parse('2026-01-01T04:00:00Z'));
  expect(rates.all).toBe(5000);
});

test('a link speed applies to every host, one host, or one of its network cards', () => {
  const { hosts } = readJoinOptions({ nic: ['1gbit', 'mq-1=10gbit', 'mq-1:eth1=100mbit'] }, files);
  expect(hosts.links).toEqual([
    { bitsPerSecond: 1e9 },
    { host: 'mq-1', bitsPerSecond: 1e10 },
    { host: 'mq-1', device: 'eth1', bitsPerSecond: 1e8 },
  ]);
});

test.each([
  [{ start: ['yesterday'] }, /--start/],
  [{ start: ['2026-01-01T12:00:00'] }, /is not a time with a zone/],
  [{ 'clock-offset': ['sar.txt=8'], rate: ['x.log=5'] }, /x\.log" is not one of the files/],
  [{ 'clock-offset': ['eight'] }, /is not a duration/],
  [{ rate: ['-5'] }, /not a number above 0/],
  [{ nic: ['mq-1=fast'] }, /--nic/],
  [{ cores: ['mq-1=many'] }, /--cores/],
  [{ host: ['mq-1'] }, /not FILE=HOST/],
  [{ columns: 'rate=x' }, /--columns/],
])('rejects %j with the reason', (options, words) => {
  expect(() => readJoinOptions(options, files)).toThrow(AppError);
  expect(() => readJoinOptions(options, files)).toThrow(words);
});
