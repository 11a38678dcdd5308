import { expect, test } from 'vitest';
import { readLegacy } from '../../../../support/legacy-events.ts';

const cleanup = '[GC cleanup 5M->4M(9M), 0.001 secs]';
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString().replace('Z', '+0000');
const both = (seconds: number, uptime: number) => `${at(seconds)}: ${uptime.toFixed(3)}: ${cleanup}`;
const uptime = (seconds: number) => `${seconds.toFixed(3)}: ${cleanup}`;
const header = [
  'OpenJDK 64-Bit Server VM (25.402-b06) for linux-amd64 JRE (1.8.0_402-b06), built on Jan 17 2024 02:12:31 by "builder" with gcc 7.5.0',
  'Memory: 4k page, physical 24684096k(22779040k free), swap 0k(0k free)',
  'CommandLine flags: -XX:G1HeapRegionSize=16777216 -XX:InitialHeapSize=1073741824 -XX:MaxHeapSize=2147483648 -XX:+PrintGCDetails -XX:+UseG1GC ',
];

/** Runs and notices in order. */
function told(lines: readonly string[]): string[] {
  return readLegacy(lines).events.flatMap((event) => {
    if (event.kind === 'run-start') return ['run-start'];
    return event.kind === 'notice' ? [event.amount === undefined ? event.code : `${event.code} ${event.amount}`] : [];
  });
}

test('reads the JVM from a header', () => {
  expect(readLegacy(header).events).toEqual([
    { kind: 'run-start', at: {} },
    { kind: 'jvm', jvmVersion: '1.8.0_402-b06' },
    { kind: 'jvm', memoryBytes: 24684096 * 1024 },
    {
      kind: 'jvm',
      flags:
        '-XX:G1HeapRegionSize=16777216 -XX:InitialHeapSize=1073741824 -XX:MaxHeapSize=2147483648 -XX:+PrintGCDetails -XX:+UseG1GC',
      collector: 'G1',
      heapMaxBytes: 2 ** 31,
      heapInitialBytes: 2 ** 30,
      regionBytes: 2 ** 24,
    },
  ]);
});

test('reads the region size from a heap table once', () => {
  const table = ['Heap', '  region size 1024K, 5 young (5120K), 1 survivors (1024K)'];
  const regions = (lines: readonly string[]) =>
    readLegacy(lines).events.flatMap((event) => (event.kind === 'jvm' && event.regionBytes ? [event.regionBytes] : []));
  expect(regions([...table, ...table])).toEqual([2 ** 20]);
  expect(regions([...header, '  region size 16384K, 5 young (81920K), 1 survivors (16384K)'])).toEqual([2 ** 24]);
});

test('date and uptime together give the start of the JVM', () => {
  expect(readLegacy([both(100, 40)]).events).toContainEqual({
    kind: 'jvm',
    startedAtMs: Date.UTC(2026, 0, 1, 0, 1, 0),
  });
});

test('without flags, detects the collector from records', () => {
  const learnt = (...lines: string[]) =>
    readLegacy(lines).events.flatMap((event) => (event.kind === 'jvm' && event.collector ? [event.collector] : []));
  expect(learnt(uptime(1))).toEqual(['G1']);
  expect(learnt('1.0: [GC (Allocation Failure) [PSYoungGen: 2K->1K(3K)] 5K->4K(9K), 0.001 secs]')).toEqual([
    'Parallel',
  ]);
  const defNew = '1.000: [GC (Allocation Failure) 1.000: [DefNew: 2K->1K(3K), 0.001 secs] 5K->4K(9K), 0.001 secs]';
  expect(learnt(defNew)).toEqual(['Serial']);
  expect(learnt(defNew, '2.000: [CMS-concurrent-mark-start]')).toEqual(['Serial', 'CMS']);
});

test('a decreasing uptime starts a new run, with or without dates', () => {
  expect(told([uptime(100), uptime(1), uptime(2)])).toEqual(['run-start', 'run-start']);
  expect(told([both(100, 100), both(200, 1), both(201, 2)])).toEqual(['run-start', 'run-start']);
});

test('slightly unordered lines of several threads are one run', () => {
  expect(told([both(100, 100), both(99.9, 99.9), both(101, 101)])).toEqual(['run-start']);
  expect(told([uptime(100), uptime(99.9), uptime(101)])).toEqual(['run-start']);
});

test('a header in the middle starts a run, and one after a rotation does not', () => {
  expect(told([...header, both(100, 100), ...header, both(200, 1)])).toEqual(['run-start', 'run-start']);
  const rotation = '2026-01-01 00:01:41 GC log file created /var/log/gc.log.1';
  expect(told([...header, both(100, 100), rotation, ...header, both(102, 102)])).toEqual(['run-start']);
});

test('a clock step does not start a run', () => {
  expect(told([both(100, 100), both(41, 101), both(42, 102)])).toEqual(['run-start', 'clock-step -60']);
  expect(told([both(100, 100), both(161, 101)])).toEqual(['run-start', 'clock-step 60']);
  expect(told([`${at(100)}: ${cleanup}`, `${at(40)}: ${cleanup}`])).toEqual(['run-start', 'clock-step -60']);
});

test('a clock slewed for months is not a step', () => {
  const months = Array.from({ length: 50 }, (_, day) => both(day * 86_400 * 1.00002, day * 86_400));
  expect(told(months)).toEqual(['run-start']);
});

test('two alternating JVMs are reported once, and do not start a run at each change', () => {
  const dated = [both(1000, 1000), both(1001, 10), both(1002, 1002), both(1003, 12), both(1004, 1004)];
  expect(told(dated)).toEqual(['run-start', 'run-start', 'two-writers']);
  const undated = [uptime(1000), uptime(10), uptime(1002), uptime(12), uptime(1004), uptime(14)];
  expect(told(undated)).toEqual(['run-start', 'run-start', 'two-writers']);
});

test('a torn line before another start indicates a second writer, not a clock step', () => {
  expect(told([both(100, 10), 'ng (ms): Min: 0.0', both(101, 1000)])).toEqual([
    'run-start',
    'run-start',
    'two-writers',
  ]);
});
