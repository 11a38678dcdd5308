import { describe, expect, test } from 'vitest';
import { eventsOf, linesOf, ofKind } from '../../../support/read-gc-log.ts';

const read = (...lines: readonly string[]) => eventsOf(linesOf(...lines));
const pauses = (...lines: readonly string[]) => ofKind(read(...lines), 'pause');
const onlyPause = (...lines: readonly string[]) => {
  const found = pauses(...lines);
  expect(found).toHaveLength(1);
  return found[0];
};

const young = (id: number, ms: string) => `GC(${id}) Pause Young (Normal) (G1 Evacuation Pause) 51M->9M(1024M) ${ms}ms`;

describe('decorations', () => {
  test.each([
    ['[2026-11-20T13:54:10.175+0800]', { epochMs: Date.UTC(2026, 10, 20, 5, 54, 10, 175) }],
    ['[2026-11-20T13:54:10.175-0330][info]', { epochMs: Date.UTC(2026, 10, 20, 17, 24, 10, 175) }],
    ['[2,048s][gc]', { uptimeSeconds: 2.048 }],
    ['[60ms][info ][gc          ]', { uptimeSeconds: 0.06 }],
    ['[1795182850175ms]', { epochMs: 1795182850175 }],
    ['[1795182850175ms][60ms][vm][28642][28649]', { epochMs: 1795182850175, uptimeSeconds: 0.06 }],
    ['[1526517910670ns][59544351ns][gc]', { uptimeSeconds: 0.059544351 }],
    ['[0.060s][60ms][1526517910670ns][59544351ns][gc]', { uptimeSeconds: 0.06 }],
    ['[vm][info][gc,start]', {}],
    ['[2026-99-20T13:54:10.175+0800][gc]', {}],
  ])('%s yields the time', (decorations, moment) => {
    const { events } = read(`${decorations} GC(3) Pause Remark 1M->1M(2M) 0ms`);
    expect(events).toContainEqual({ kind: 'run-start', at: moment });
  });

  test('process and thread ids are bare numbers, not times', () => {
    const log = read('[1.0s][28642][28649] Using G1');
    expect(ofKind(log, 'run-start')).toEqual([{ kind: 'run-start', at: { uptimeSeconds: 1 } }]);
    expect(ofKind(log, 'jvm')).toEqual([{ kind: 'jvm', collector: 'G1' }]);
  });

  test('reads a log without decorations, which has no times', () => {
    const pause = onlyPause('Using G1', young(0, '6.674'));
    expect(pause).toMatchObject({ gcId: 0, start: {}, durationSeconds: 0.006674 });
  });
});

describe('pauses', () => {
  test('are stamped at their end, and start their duration earlier', () => {
    expect(onlyPause(`[10.500s][gc] ${young(7, '500')}`)).toEqual({
      kind: 'pause',
      gcId: 7,
      start: { uptimeSeconds: 10 },
      durationSeconds: 0.5,
      ownSeconds: 0.5,
      type: 'Pause Young (Normal)',
      cause: 'G1 Evacuation Pause',
      isFull: false,
      heap: { beforeBytes: 51 * 2 ** 20, afterBytes: 9 * 2 ** 20, committedBytes: 2 ** 30 },
    });
  });

  test.each([
    ['Pause Young (Mixed) (G1 Evacuation Pause)', 'Pause Young (Mixed)', 'G1 Evacuation Pause'],
    ['Pause Young (Concurrent Start) (System.gc())', 'Pause Young (Concurrent Start)', 'System.gc()'],
    ['Pause Young (G1 Evacuation Pause)', 'Pause Young', 'G1 Evacuation Pause'],
    ['Pause Initial Mark (Metadata GC Threshold)', 'Pause Initial Mark', 'Metadata GC Threshold'],
    ['Pause Mixed (G1 Evacuation Pause)', 'Pause Mixed', 'G1 Evacuation Pause'],
    ['Pause Full (Ergonomics)', 'Pause Full', 'Ergonomics'],
    ['Pause Degenerated GC (Young) (Outside of Cycle)', 'Pause Degenerated GC (Young)', 'Outside of Cycle'],
    ['Pause Remark', 'Pause Remark', undefined],
  ])('have type and cause: %s', (words, type, cause) => {
    const pause = onlyPause(`[1.0s][gc] GC(1) ${words} 5M->4M(9M) 1.5ms`);
    expect([pause?.type, pause?.cause]).toEqual([type, cause]);
    expect(pause?.isFull).toBe(words.startsWith('Pause Full'));
  });

  test.each([
    ['GC(1) Pause Init Mark (unload classes) 0.006ms', 'Pause Init Mark'],
    ['GC(1) Pause Final Mark (Young) 0.026ms', 'Pause Final Mark (Young)'],
    ['GC(4) Y: Pause Mark Start (Major) 0.013ms', 'Pause Mark Start (Major)'],
    ['GC(4) O: Pause Relocate Start 0.013 ms', 'Pause Relocate Start'],
  ])('%s has no heap and no cause', (message, type) => {
    const pause = onlyPause(`[1.0s][gc,phases] ${message}`);
    expect(pause).toMatchObject({ type });
    expect(pause).not.toHaveProperty('heap');
    expect(pause).not.toHaveProperty('cause');
  });

  test.each([
    ['[1.0s][gc] GC(1) Pause Young (Mixed) (G1 Evacuation Pause) (Evacuation Failure: Allocation) 5M->4M(9M) 1.2ms'],
    ['[1.0s][gc] GC(1) Pause Young (Normal) (G1 Evacuation Pause) (Evacuation Failure) 5M->4M(9M) 1.2ms'],
    [
      '[1.0s][gc] GC(1) Pause Young (Mixed) (G1 Evacuation Pause) (Evacuation Failure: Allocation / Pinned) 5M->4M(9M) 1ms',
    ],
    ['[1.0s][gc] GC(1) To-space exhausted', `[1.0s][gc] ${young(1, '1.2')}`],
  ])('report a failed evacuation: %s', (...lines) => {
    expect(onlyPause(...lines)).toMatchObject({ evacuationFailed: true, cause: 'G1 Evacuation Pause' });
  });

  test('with only pinned objects left in place are no failed evacuation', () => {
    const line =
      '[1.0s][gc] GC(1) Pause Young (Normal) (G1 Evacuation Pause) (Evacuation Failure: Pinned) 5M->4M(9M) 1.2ms';
    expect(onlyPause(line)).toMatchObject({ cause: 'G1 Evacuation Pause' });
    expect(onlyPause(line)).not.toHaveProperty('evacuationFailed');
  });

  test('accept decimal commas', () => {
    expect(onlyPause('[2,5s][gc] GC(1) Pause Remark 1,5M->1M(2M) 0,837ms')).toMatchObject({
      durationSeconds: 0.000837,
      heap: { beforeBytes: 1.5 * 2 ** 20 },
    });
  });

  test.each(['6.6', '6.674m', '6.674ms]'])('are not read if the line is cut or torn at %s', (rest) => {
    const log = read(`[1.0s][gc] Using G1`, `[1.0s][gc] GC(0) Pause Young (Normal) (Some) 5M->4M(9M) ${rest}`);
    expect(ofKind(log, 'pause')).toEqual([]);
    expect(log.unparsed).toHaveLength(1);
  });

  test('do not include parts of a pause that ZGC prints for debugging', () => {
    expect(pauses('[1.0s][debug][gc,phases] GC(0) Pause Roots (ZWorker#0) 0.2ms')).toEqual([]);
  });
});

describe('lines of one collection', () => {
  test('convert regions to bytes once their size is known, and growth of old regions was promoted', () => {
    const details = [
      '[1.0s][gc,start] GC(5) Pause Young (Normal) (G1 Evacuation Pause)',
      '[1.0s][gc,heap] GC(5) Old regions: 2->5',
      '[1.0s][gc,heap] GC(5) Humongous regions: 148->147',
      '[1.0s][gc,metaspace] GC(5) Metaspace: 77K(320K)->78K(320K) NonClass: 74K(192K)->74K(192K)',
      `[1.0s][gc] ${young(5, '1.0')}`,
      '[1.0s][gc,cpu] GC(5) User=0.02s Sys=0.05s Real=0.03s',
    ];
    expect(onlyPause('[0.1s][gc,init] Heap Region Size: 4M', ...details)).toMatchObject({
      promotedBytes: 12 * 2 ** 20,
      humongous: { beforeBytes: 592 * 2 ** 20, afterBytes: 588 * 2 ** 20 },
      cpu: { userSeconds: 0.02, systemSeconds: 0.05, realSeconds: 0.03 },
    });
    expect(onlyPause(...details)).not.toHaveProperty('promotedBytes');
  });

  test('of a young collection do not change the surrounding marking cycle', () => {
    const log = read(
      '[1.0s][gc] GC(1) Concurrent Mark Cycle',
      '[1.1s][gc,start] GC(2) Pause Young (Normal) (G1 Evacuation Pause)',
      '[1.1s][gc,heap] GC(1) Old regions: 9->9',
      `[1.2s][gc] ${young(2, '3.0')}`,
      '[1.2s][gc,cpu] GC(2) User=0.02s Sys=0.05s Real=0.03s',
      '[1.5s][gc] GC(1) Concurrent Mark Cycle 500.0ms',
    );
    expect(ofKind(log, 'pause')[0]).not.toHaveProperty('promotedBytes');
    expect(ofKind(log, 'concurrent')).toEqual([
      {
        kind: 'concurrent',
        gcId: 1,
        start: { uptimeSeconds: 1 },
        durationSeconds: 0.5,
        type: 'Concurrent Mark Cycle',
        isCycle: true,
        aborted: false,
      },
    ]);
  });

  test.each([['ParOldGen: 8K(99K)->40K(99K)'], ['Tenured: 8K(99K)->40K(99K)'], ['CMS: 8K->40K(99K)']])(
    'have the old generation in %s',
    (line) => {
      const pause = onlyPause(
        `[1.0s][gc,heap] GC(0) ${line}`,
        '[1.0s][gc] GC(0) Pause Young (Allocation Failure) 5M->4M(9M) 1ms',
      );
      expect(pause).toMatchObject({ promotedBytes: 32768 });
    },
  );

  test('do not accumulate without a collection', () => {
    const lines = Array.from({ length: 500 }, (_, id) => `[1.0s][gc,heap] GC(${id}) Old regions: 1->2`);
    expect(pauses(...lines)).toEqual([]);
  });
});

describe('a pause within a pause', () => {
  const inner = '[2.060s][gc] GC(6) Pause Full (Allocation Failure) 9M->8M(9M) 50.0ms';
  const outer = '[2.062s][gc] GC(5) Pause Young (Allocation Failure) 9M->8M(9M) 55.0ms';

  test('is counted once if the log has the start times', () => {
    const found = pauses(
      '[2.007s][gc,start] GC(5) Pause Young (Allocation Failure)',
      '[2.009s][gc,start] GC(6) Pause Full (Allocation Failure)',
      inner,
      outer,
    );
    expect(found.map(({ durationSeconds }) => durationSeconds)).toEqual([0.05, 0.055]);
    expect(found.map(({ ownSeconds }) => ownSeconds.toFixed(6))).toEqual(['0.050000', '0.005000']);
  });

  test('is detected by timestamps if the log has no start times', () => {
    expect(pauses(inner, outer).map(({ ownSeconds }) => ownSeconds.toFixed(6))).toEqual(['0.050000', '0.005000']);
  });

  test('is not assumed for two consecutive pauses within one millisecond', () => {
    const found = pauses(
      '[1.000s][gc,phases] GC(1) Pause Mark Start 0.009ms',
      '[1.000s][gc,phases] GC(1) Pause Mark End 0.011ms',
    );
    expect(found.map(({ ownSeconds }) => ownSeconds.toFixed(9))).toEqual(['0.000009000', '0.000011000']);
  });
});

describe('concurrent work', () => {
  const only = (...lines: readonly string[]) => ofKind(read(...lines), 'concurrent')[0];

  test('a cycle of ZGC has a heap and no pause', () => {
    const line = '[1.0s][gc] GC(4) Major Collection (Allocation Rate) 64M(20%)->44M(14%) 0.018s';
    expect(only(line)).toMatchObject({
      type: 'Major Collection',
      cause: 'Allocation Rate',
      isCycle: true,
      durationSeconds: 0.018,
      heap: { beforeBytes: 64 * 2 ** 20, afterBytes: 44 * 2 ** 20 },
    });
    expect(pauses(line)).toEqual([]);
  });

  test('a cycle may have no duration, and may be aborted', () => {
    expect(only('[1.0s][gc] GC(1) Garbage Collection (Warmup) 208M(20%)->164M(16%)')).not.toHaveProperty(
      'durationSeconds',
    );
    expect(only('[1.0s][gc] GC(1) Minor Collection (Allocation Rate) Aborted')).toMatchObject({ aborted: true });
    expect(
      only('[1.0s][gc,marking] GC(1) Concurrent Mark Abort', '[1.0s][gc] GC(1) Concurrent Mark Cycle 9.0ms'),
    ).toMatchObject({ aborted: true });
  });

  test('the bytes promoted by ZGC belong to the end of its young generation', () => {
    const log = read(
      '[1.0s][gc,heap] GC(3) y:  Promoted:         -                  -                 0M (0%)            7M (3%)     ',
      '[1.0s][gc,phases] GC(3) y: Young Generation 56M(58%)->36M(38%) 0.006s',
      '[1.0s][gc] GC(3) Minor Collection (Allocation Rate) 56M(58%)->36M(38%) 0.006s',
    );
    expect(ofKind(log, 'concurrent').map(({ promotedBytes }) => promotedBytes)).toEqual([7 * 2 ** 20, undefined]);
  });

  test.each([
    ['y', [36 * 2 ** 20, undefined]],
    ['O', [undefined, undefined]],
  ])('the allocated bytes are in the table of the young generation: %s', (generation, allocated) => {
    const log = read(
      `[1.0s][gc,heap] GC(2) ${generation}: Allocated:         -                16M (17%)          34M (35%)          36M (38%)    `,
      '[1.0s][gc,phases] GC(2) y: Young Generation 44M(46%)->52M(54%) 0.015s',
      '[1.0s][gc] GC(2) Minor Collection (Allocation Rate) 44M(46%)->52M(54%) 0.015s',
    );
    expect(ofKind(log, 'concurrent').map(({ allocatedBytes }) => allocatedBytes)).toEqual(allocated);
  });

  test('the allocated bytes are in the table of the heap before JDK 21', () => {
    const cycle = only(
      '[1.0s][gc,heap] GC(1) Allocated:         -                 4M (3%)            6M (5%)            8M (6%)             -                  -          ',
      '[1.0s][gc] GC(1) Garbage Collection (Warmup) 14M(11%)->12M(9%)',
    );
    expect(cycle).toMatchObject({ allocatedBytes: 8 * 2 ** 20 });
  });

  test.each([
    ['Concurrent cleanup (Global) (unload classes) 900M->210M(2048M) 0.3ms', 'Concurrent cleanup (Global)'],
    ['Concurrent cleanup (unload classes) 900M->210M(2048M) 0.3ms', 'Concurrent cleanup'],
  ])('a phase of Shenandoah may mention class unloading: %s', (message, type) => {
    expect(only(`[1.0s][gc] GC(9) ${message}`)).toMatchObject({ type, heap: { afterBytes: 210 * 2 ** 20 } });
  });

  test('reads a stall with any thread name', () => {
    expect(ofKind(read('[1.0s][gc] Allocation Stall (pool (1) größer) 500.0ms'), 'stall')).toEqual([
      {
        kind: 'stall',
        start: { uptimeSeconds: 0.5 },
        durationSeconds: 0.5,
        type: 'Allocation Stall',
      },
    ]);
  });
});
