import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

interface Disk {
  mostBytes: number;
  busy?: number;
  /** Age at which a page is written. */
  expireSeconds?: number;
  devices?: readonly string[];
  isBatchKnown?: boolean;
  readEvery?: number;
  stepSeconds?: number;
  /** Stored bytes over arrived ones. */
  compression?: number;
  /** Of the operating system, busy and without messages. */
  systemDisk?: string;
}

/** The card allows 8,300 msg/s; the disk writes the expired pages of 500-byte messages as fast as it can. */
function writtenBack(disk: Disk) {
  const { mostBytes, busy, expireSeconds = 0, devices = ['sda'], isBatchKnown, readEvery = 1, systemDisk } = disk;
  const { stepSeconds = 60, compression = 1 } = disk;
  const run = plainRun({ stepSeconds });
  let dirty = 0;
  const written = withIntervals(run, (interval) => {
    dirty += compression * 517 * (run.produced[interval.from - expireSeconds]?.acknowledged ?? 0);
    const writtenBytesPerSecond = Math.min(mostBytes, dirty);
    dirty -= writtenBytesPerSecond;
    if (interval.from % readEvery > 0) return interval;
    const figures = { busy: busy ?? writtenBytesPerSecond / mostBytes, writtenBytesPerSecond };
    const others = systemDisk === undefined ? [] : [{ device: systemDisk, busy: 1, writtenBytesPerSecond: 1e3 }];
    return { ...interval, disks: [...others, ...devices.map((device) => ({ device, ...figures }))] };
  });
  const produced = run.produced.map((line) => ({ ...line, ...(isBatchKnown === false && { requests: 0 }) }));
  const { safeMaxTps, findings } = analyzeRun({ ...written, produced }, examplePolicy());
  return { safeMaxTps, found: findings.filter(({ code }) => code === 'disk-behind').map(({ message }) => message) };
}

test.each([{}, { devices: ['sda', 'sdb', 'md0'] }, { devices: ['sda', 'dm-0'] }])(
  'a rate that the page cache absorbs while the disk is full is not proven: %j',
  (disk) => {
    const { safeMaxTps, found } = writtenBack({ mostBytes: 1.6e6, ...disk });
    expect(safeMaxTps).toEqual({ kind: 'at-least', tps: 3000, reason: 'figures-in-doubt' });
    expect(found).toEqual([expect.stringMatching(/^At 4,000 msg\/s, .* 100% busy, and wrote 1.6 MB\/s of 2.04 MB\/s/)]);
  },
);

test.each([
  { stepSeconds: 20, tps: 3000 },
  { stepSeconds: 12, tps: 3000 },
  { stepSeconds: 20, expireSeconds: 30, tps: 3000 },
])('the disk is behind in short steps too: %j', ({ tps, ...disk }) => {
  expect(writtenBack({ mostBytes: 1.6e6, ...disk }).safeMaxTps).toMatchObject({ kind: 'at-least', tps });
});

test.each<Disk>([
  { mostBytes: 3e6 },
  { mostBytes: 1e9, busy: 1 },
  // Other requests keep it busy.
  { mostBytes: 1e9, busy: 1, expireSeconds: 30 },
  { mostBytes: 1e9, busy: 1, expireSeconds: 30, stepSeconds: 20 },
  { mostBytes: 1e9, busy: 1, expireSeconds: 33, stepSeconds: 20 },
  // The topic has another codec than producers.
  { mostBytes: 1e9, busy: 1, compression: 0.4 },
  { mostBytes: 1e9, busy: 1, compression: 0.4, stepSeconds: 20 },
  { mostBytes: 1e9, busy: 1, isBatchKnown: false },
  { mostBytes: 1e9, busy: 1, readEvery: 2 },
  { mostBytes: 1e9, devices: ['rbd0'], systemDisk: 'sda' },
])('a disk that writes what arrives leaves no doubt: %j', (disk) => {
  expect(writtenBack(disk)).toMatchObject({ safeMaxTps: { kind: 'predicted' }, found: [] });
});
