import { describe, expect, test } from 'vitest';
import type { Pause } from '../../../../../gc/log/gc-event.ts';
import { linesOf, readLegacy } from '../../../../support/legacy-events.ts';

const K = 1024;
const M = 1024 * K;

/** Returns the pause of the last record, which may contain others. */
function lastPause(text: string): Pause {
  const { pauses, unparsed } = readLegacy(linesOf(text));
  expect(unparsed).toEqual([]);
  return pauses.at(-1)!;
}

const meaning = (text: string) => {
  const { type, cause, isFull } = lastPause(text);
  return { type, cause, isFull };
};

test.each([
  ['[GC (Allocation Failure) [PSYoungGen: 2K->1K(3K)] 5K->4K(9K), 0.001 secs]', 'Pause Young', 'Allocation Failure'],
  ['[GC [PSYoungGen: 2K->1K(3K)] 5K->4K(9K), 0.001 secs]', 'Pause Young', undefined],
  ['[GC1.2: [ParNew: 2K->1K(3K), 0.001 secs] 5K->4K(9K), 0.001 secs]', 'Pause Young', undefined],
  ['[GC (CMS Initial Mark) [1 CMS-initial-mark: 2K(3K)] 4K(9K), 0.001 secs]', 'Pause Initial Mark', 'CMS Initial Mark'],
  ['[GC [1 CMS-initial-mark: 2K(3K)] 4K(9K), 0.001 secs]', 'Pause Initial Mark', undefined],
  ['[GC (CMS Initial Mark)  4K(9K), 0.001 secs]', 'Pause Initial Mark', 'CMS Initial Mark'],
  ['[GC (CMS Final Remark)  4K(9K), 0.001 secs]', 'Pause Remark', 'CMS Final Remark'],
  [
    '[GC[YG occupancy: 1 K (2 K)]1.2: [Rescan (parallel) , 0.001 secs] [1 CMS-remark: 2K(3K)] 4K(9K), 0.002 secs]',
    'Pause Remark',
    undefined,
  ],
  ['[GC 4K(9K), 0.001 secs]', 'Pause Initial Mark or Remark', undefined],
  ['[GC pause (G1 Evacuation Pause) (young) 5M->4M(9M), 0.001 secs]', 'Pause Young (Normal)', 'G1 Evacuation Pause'],
  ['[GC pause (young) 5M->4M(9M), 0.001 secs]', 'Pause Young (Normal)', undefined],
  ['[GC pause (partial) 5M->4M(9M), 0.001 secs]', 'Pause Young (Mixed)', undefined],
  ['[GC pause (G1 Evacuation Pause) (mixed) 5M->4M(9M), 0.001 secs]', 'Pause Young (Mixed)', 'G1 Evacuation Pause'],
  ['[GC remark 1.2: [GC ref-proc, 0.001 secs], 0.002 secs]', 'Pause Remark', undefined],
  ['[GC cleanup 5M->4M(9M), 0.001 secs]', 'Pause Cleanup', undefined],
])('%s is a %s', (record, type, cause) => {
  expect(meaning(`1.200: ${record}\n`)).toEqual({ type, cause, isFull: false });
});

test.each([
  ['[Full GC (System.gc())  5M->4M(9M), 0.001 secs]', 'System.gc()'],
  [
    '[Full GC (System) [PSYoungGen: 2K->0K(3K)] [PSOldGen: 3K->4K(6K)] 5K->4K(9K) [PSPermGen: 1K->1K(2K)], 0.001 secs]',
    'System',
  ],
  [
    '[GC (Allocation Failure) 1.2: [DefNew: 2K->2K(3K), 0.001 secs]1.2: [Tenured: 3K->4K(6K), 0.01 secs] 5K->4K(9K), [Metaspace: 1K->1K(2K)], 0.02 secs]',
    'Allocation Failure',
  ],
  [
    '[GC (Allocation Failure) 1.2: [ParNew (promotion failed): 2K->2K(3K), 0.001 secs]1.2: [CMS: 3K->4K(6K), 0.01 secs] 5K->4K(9K), [Metaspace: 1K->1K(2K)], 0.02 secs]',
    'Allocation Failure',
  ],
])('%s is a full collection', (record, cause) => {
  expect(meaning(`1.200: ${record}\n`)).toEqual({ type: 'Pause Full', cause, isFull: true });
});

test('System.gc() that only starts a marking cycle of G1 is not a full collection', () => {
  const record = '[GC pause (System.gc()) (young) (initial-mark) 5M->4M(9M), 0.001 secs]';
  expect(meaning(`1.200: ${record}\n`)).toEqual({
    type: 'Pause Young (Concurrent Start)',
    cause: 'System.gc()',
    isFull: false,
  });
});

test('the old generation is the heap without the young one, and its growth was promoted', () => {
  const { heap, promotedBytes } = lastPause(
    '1.200: [GC (Allocation Failure) [PSYoungGen: 20K->5K(30K)] 50K->40K(90K), 0.001 secs]\n',
  );
  expect(heap).toEqual({ beforeBytes: 50 * K, afterBytes: 40 * K, committedBytes: 90 * K });
  expect(promotedBytes).toBe(5 * K);
});

test('a full collection promotes nothing', () => {
  const { heap, promotedBytes } = lastPause(
    '1.200: [Full GC (Ergonomics) [PSYoungGen: 20K->0K(30K)] [ParOldGen: 30K->20K(60K)] 50K->20K(90K), [Metaspace: 7K->6K(8K)], 0.001 secs]\n',
  );
  expect(heap).toEqual({ beforeBytes: 50 * K, afterBytes: 20 * K, committedBytes: 90 * K });
  expect(promotedBytes).toBeUndefined();
});

const splitByErgonomics = `2026-11-20T13:56:17.738+0000: 0.050: [GC pause (G1 Evacuation Pause) (young) 0.050: [G1Ergonomics (CSet Construction) start choosing CSet, _pending_cards: 0, predicted base time: 10.00 ms]
 0.050: [G1Ergonomics (CSet Construction) add young regions to CSet, eden: 1 regions, survivors: 0 regions]
, 0.0058710 secs]
   [Parallel Time: 5.4 ms, GC Workers: 2]
      [GC Worker Start (ms): Min: 50.4, Avg: 50.4, Max: 50.4, Diff: 0.0]
   [Eden: 16.0M(16.0M)->0.0B(16.0M) Survivors: 0.0B->16384.0K Heap: 16.0M(512.0M)->15824.0K(0.5G)]
 [Times: user=0.00 sys=0.01, real=0.02 secs] 
`;

test('a pause of G1 continues after lines in between', () => {
  expect(lastPause(splitByErgonomics)).toEqual({
    kind: 'pause',
    start: { epochMs: Date.UTC(2026, 10, 20, 13, 56, 17, 738), uptimeSeconds: 0.05 },
    durationSeconds: 0.005871,
    ownSeconds: 0.005871,
    type: 'Pause Young (Normal)',
    cause: 'G1 Evacuation Pause',
    isFull: false,
    heap: { beforeBytes: 16 * M, afterBytes: 15824 * K, committedBytes: 512 * M },
    promotedBytes: 0,
    cpu: { userSeconds: 0, systemSeconds: 0.01, realSeconds: 0.02 },
  });
});

test('a locale with decimal commas gives the same pause', () => {
  const commas = splitByErgonomics.replaceAll(/(\d)\.(\d)/g, '$1,$2');
  expect(lastPause(commas)).toEqual(lastPause(splitByErgonomics));
});

test('accepts time zones with and without a colon', () => {
  const at = (zone: string, hour: string) =>
    lastPause(`2020-02-06T${hour}:39:56.629${zone}: [GC cleanup 5M->4M(9M), 0.001 secs]\n`).start;
  expect(at('+0800', '14')).toEqual({ epochMs: Date.UTC(2020, 1, 6, 6, 39, 56, 629) });
  expect(at('+08:00', '14')).toEqual(at('+0800', '14'));
  expect(at('-0330', '03')).toEqual({ epochMs: Date.UTC(2020, 1, 6, 6, 39 + 30, 56, 629) });
});

test('pauses in a log without timestamps have no time', () => {
  expect(lastPause('#12: [GC cleanup 5M->4M(9M), 0.001 secs]\n')).toMatchObject({ gcId: 12, start: {} });
});

const scavengeInRemark = `1.109: [GC (CMS Final Remark) [YG occupancy: 4679 K (29504 K)]1.109: [GC (CMS Final Remark) 1.110: [ParNew: 4679K->303K(29504K), 0.0029241 secs] 52953K->51817K(95040K), 0.0030000 secs] [Times: user=0.00 sys=0.01, real=0.00 secs] 
1.112: [Rescan (parallel) , 0.0001903 secs]1.112: [weak refs processing, 0.0000079 secs][1 CMS-remark: 51513K(65536K)] 51817K(95040K), 0.0040000 secs] [Times: user=0.02 sys=0.01, real=0.00 secs] 
`;

test('a scavenge within a remark comes first, and its time is counted once', () => {
  const { pauses, unparsed } = readLegacy(linesOf(scavengeInRemark));
  expect(unparsed).toEqual([]);
  expect(pauses.map(({ type, durationSeconds }) => [type, durationSeconds])).toEqual([
    ['Pause Young', 0.003],
    ['Pause Remark', 0.004],
  ]);
  expect(pauses.map(({ cpu }) => cpu?.userSeconds)).toEqual([0, 0.02]);
  expect(pauses.reduce((sum, { ownSeconds }) => sum + ownSeconds, 0)).toBeCloseTo(0.004, 9);
});

describe('JDK 6 and 7, which print no cause', () => {
  const typesOf = (text: string) => {
    const { pauses, unparsed, events } = readLegacy(linesOf(text));
    expect(unparsed).toEqual([]);
    expect(events.filter(({ kind }) => kind === 'notice')).toEqual([]);
    return pauses.map(({ type, durationSeconds, ownSeconds }) => [
      type,
      durationSeconds,
      Number(ownSeconds.toFixed(6)),
    ]);
  };

  test.each([
    ['', ' 838912K->104832K(943744K), 0.1 secs]'],
    [
      'PSYoungGen',
      ' [PSYoungGen: 2367K->504K(3072K)] 2367K->1600K(9728K), 0.1 secs] [Times: user=0.00 sys=0.00, real=0.00 secs] ',
    ],
  ])('a pause continues below its tenuring table: %s', (_, rest) => {
    const table =
      'Desired survivor size 53673984 bytes, new threshold 1 (max 15)\n- age   1:   52571864 bytes,   52571864 total';
    expect(typesOf(`0.105: [GC\n${table}\n${rest}\n0.300: [GC\n${table}\n${rest}\n`)).toEqual([
      ['Pause Young', 0.1, 0.1],
      ['Pause Young', 0.1, 0.1],
    ]);
  });

  test('a scavenge is inside a remark, even with dates', () => {
    const at = '2013-08-28T12:31:05.000+0200: 12.034: ';
    const text = `${at}[GC[YG occupancy: 39296 K (39296 K)]${at}[GC${at}[ParNew: 39296K->4328K(39296K), 0.0055199 secs] 102850K->72222K(126720K), 0.0055486 secs] [Times: user=0.00 sys=0.00, real=0.00 secs] 
${at}[Rescan (parallel) , 0.0015761 secs]${at}[weak refs processing, 0.0000070 secs] [1 CMS-remark: 67894K(87424K)] 72222K(126720K), 0.0079800 secs] [Times: user=0.01 sys=0.00, real=0.01 secs] 
`;
    expect(typesOf(text)).toEqual([
      ['Pause Young', 0.0055486, 0.005549],
      ['Pause Remark', 0.00798, 0.002431],
    ]);
  });

  test('a scavenge is inside a remark without details, split by its tenuring table', () => {
    const text = `1.918: [GC1.918: [GC
Desired survivor size 2228224 bytes, new threshold 1 (max 6)
- age   1:    3175864 bytes,    3175864 total
 98075K->71621K(126720K), 0.0687221 secs]
 71621K(126720K), 0.1071764 secs]
`;
    expect(typesOf(text)).toEqual([
      ['Pause Young', 0.0687221, 0.068722],
      ['Pause Remark', 0.1071764, 0.038454],
    ]);
  });

  test('a class histogram is inside a full collection, before and after it', () => {
    const table = ` num     #instances         #bytes  class name
----------------------------------------------
   1:       5249662      476131272  [C
   2:       1213019      140458680  <constMethodKlass>
Total      16227637     1059670840
`;
    const text = `2016-09-13T06:54:06.773+0100: 11662.232: [Full GC 2016-09-13T06:54:06.774+0100: 11662.233: [Class Histogram: 
${table}, 38.6969442 secs]2016-09-13T06:54:45.471+0100: 11700.930: [CMS: 2844387K->635365K(7331840K), 46.4488813 secs]2016-09-13T06:55:31.920+0100: 11747.379: [Class Histogram
${table}, 9.7637786 secs] 3198859K->635365K(7848704K), [CMS Perm : 851635K->408849K(1048576K)], 94.9116214 secs] [Times: user=94.88 sys=0.24, real=94.91 secs] 
`;
    expect(typesOf(text)).toEqual([['Pause Full', 94.9116214, 94.911621]]);
  });

  test('keeps a scavenge whose remark is torn off', () => {
    const { pauses, events } = readLegacy([
      '1.918: [GC 1.918: [GC  98075K->71621K(126720K), 0.0687221 secs]',
      '2.300: [GC  90000K->80000K(126720K), 0.0100000 secs]',
    ]);
    expect(pauses.map(({ durationSeconds }) => durationSeconds)).toEqual([0.0687221, 0.01]);
    expect(events).toContainEqual({ kind: 'notice', code: 'torn-record', at: { uptimeSeconds: 1.918 } });
  });
});

const concurrentModeFailure = `1.000: [GC (CMS Initial Mark) [1 CMS-initial-mark: 2K(3K)] 4K(9K), 0.0010000 secs] [Times: user=0.00 sys=0.00, real=0.00 secs] 
1.002: [CMS-concurrent-mark-start]
1.500: [GC (Allocation Failure) 1.500: [ParNew: 2K->2K(3K), 0.0000095 secs]1.500: [CMS1.600: [CMS-concurrent-mark: 0.029/0.500 secs] [Times: user=0.01 sys=0.01, real=0.02 secs] 
 (concurrent mode failure): 4K->3K(6K), 0.1 secs] 7K->3K(9K), [Metaspace: 1K->1K(2K)], 0.2000000 secs] [Times: user=0.01 sys=0.00, real=0.01 secs] 
`;

test('a marking cycle that could not keep up is aborted by a full collection', () => {
  const { events } = readLegacy(linesOf(concurrentModeFailure));
  expect(events.filter((event) => event.kind === 'concurrent')).toEqual([
    {
      kind: 'concurrent',
      start: { uptimeSeconds: 1.1 },
      durationSeconds: 0.5,
      type: 'Concurrent Mark',
      isCycle: false,
      aborted: false,
    },
    {
      kind: 'concurrent',
      start: { uptimeSeconds: 1.002 },
      durationSeconds: 0.498,
      type: 'Concurrent Mark Cycle',
      isCycle: true,
      aborted: true,
    },
  ]);
  expect(events.at(-1)).toMatchObject({ kind: 'pause', type: 'Pause Full', durationSeconds: 0.2 });
});

test('a marking cycle of G1 ends with its cleanup', () => {
  const { events } = readLegacy([
    '1.000: [GC concurrent-root-region-scan-start]',
    '1.001: [GC concurrent-root-region-scan-end, 0.0010000 secs]',
    '1.001: [GC concurrent-mark-start]',
    '1.100: [GC concurrent-mark-end, 0.0990000 secs]',
    '1.200: [GC cleanup 5M->4M(9M), 0.1000000 secs]',
  ]);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'Concurrent Mark Cycle',
      isCycle: true,
      start: { uptimeSeconds: 1 },
      durationSeconds: 0.3,
    }),
  );
});

test('assigns stops to the pauses that caused them', () => {
  const { events } = readLegacy([
    '1.200: [GC cleanup 5M->4M(9M), 0.1000000 secs]',
    '1.301: Total time for which application threads were stopped: 0.1010000 seconds, Stopping threads took: 0.0005000 seconds',
    '40.000: Application time: 1.0598790 seconds',
    '40.000: Total time for which application threads were stopped: 37.5596741 seconds, Stopping threads took: 1.0E-5 seconds',
  ]);
  expect(events.filter((event) => event.kind === 'stop')).toEqual([
    { kind: 'stop', start: { uptimeSeconds: 1.2 }, totalSeconds: 0.101, timeToSafepointSeconds: 0.0005, isForGc: true },
    {
      kind: 'stop',
      start: { uptimeSeconds: 2.440326 },
      totalSeconds: 37.5596741,
      timeToSafepointSeconds: 1e-5,
      isForGc: false,
    },
  ]);
});

test('a line torn by another writer yields both of its pauses, the second with its own time', () => {
  const { pauses } = readLegacy([
    '2020-02-06T14:55:30.000+0800: 9.000: [GC pause (G1 Evacuation Pause) (young), 0.0100000 secs]',
    ' [Times: user=0.02 sys=0.00, real=0.012020-02-2020-02-06T14:55:35.260+0800: 1171.156: [GC pause (G1 Evacuation Pause) (young), 0.0058266 secs]',
  ]);
  expect(pauses.map(({ durationSeconds }) => durationSeconds)).toEqual([0.01, 0.0058266]);
  expect(pauses[1]?.start).toEqual({ epochMs: Date.UTC(2020, 1, 6, 6, 55, 35, 260), uptimeSeconds: 1171.156 });
});

test('digits of another line joined to a timestamp give no time', () => {
  const { pauses } = readLegacy([
    '5.000: [GC cleanup 5M->4M(9M), 0.001 secs] [Times: user=0.02 sys=0.00, real=0.011171.156: [GC cleanup 5M->4M(9M), 0.002 secs]',
  ]);
  expect(pauses.map(({ start }) => start.uptimeSeconds)).toEqual([5, 5]);
});

test('drops and reports a record in which another record begins', () => {
  const { events, pauses } = readLegacy([
    '1.000: [GC pause (G1 Evacuation Pause) (young)',
    '2.000: [GC pause (G1 Evacuation Pause) (young) 5M->4M(9M), 0.002 secs]',
  ]);
  expect(pauses).toHaveLength(1);
  expect(events).toContainEqual({ kind: 'notice', code: 'torn-record', at: { uptimeSeconds: 1 } });
});

test('drops and reports a record of JDK 8 with more open brackets than any JVM writes', () => {
  const { events } = readLegacy([
    '1.000: [GC (Allocation Failure) [',
    ...Array.from({ length: 70 }, () => '['.repeat(1000)),
  ]);
  expect(events.at(-1)).toEqual({ kind: 'notice', code: 'record-too-long', at: { uptimeSeconds: 1 }, amount: 67 });
});

test('lines that no JVM writes are unparsed, inside or outside a record', () => {
  const { unparsed, pauses } = readLegacy([
    '2020-06-04 12:25:21,913 INFO Registered kafka:type=kafka.Log4jController MBean',
    '1.000: [GC pause (G1 Evacuation Pause) (young)',
    'INFO started',
    ', 0.0058710 secs]',
  ]);
  expect(unparsed).toEqual([
    '2020-06-04 12:25:21,913 INFO Registered kafka:type=kafka.Log4jController MBean',
    'INFO started',
  ]);
  expect(pauses).toHaveLength(1);
});

test('the timestamp of Shenandoah is the end of a pause', () => {
  const { events, unparsed } = readLegacy([
    '0.239: [Pause Final Mark (process weakrefs), start]',
    '    Using 2 of 2 workers for final marking',
    '0.242: [Pause Final Mark (process weakrefs), 2.500 ms]',
    '2.225: [Concurrent cleanup 2159M->2162M(8192M), 0.073 ms]',
    '9.000: [Pause Full 1589M->1002M(1690M), 4077.274 ms]',
  ]);
  expect(unparsed).toEqual([]);
  expect(events.filter((event) => event.kind === 'pause')).toEqual([
    {
      kind: 'pause',
      start: { uptimeSeconds: 0.2395 },
      durationSeconds: 0.0025,
      ownSeconds: 0.0025,
      type: 'Pause Final Mark',
      isFull: false,
    },
    expect.objectContaining({ type: 'Pause Full', isFull: true, durationSeconds: 4.077274 }),
  ]);
  expect(events).toContainEqual({ kind: 'jvm', collector: 'Shenandoah' });
});
