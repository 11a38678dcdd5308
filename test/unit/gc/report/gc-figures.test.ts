import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { GcEvent } from '../../../../gc/log/gc-event.ts';
import { createGcFigures } from '../../../../gc/report/gc-figures.ts';
import type { TimeWindow } from '../../../../gc/report/time-window.ts';
import { eventsOf, linesOf } from '../../../support/read-gc-log.ts';
import { at, heap, mebibyte, pause, startedAtMs, stop, troubledBroker } from '../../../support/troubled-broker.ts';

function figuresOf(events: readonly GcEvent[], window?: TimeWindow) {
  const gc = createGcFigures(window);
  for (const event of events) gc.event(event);
  gc.endLog(undefined);
  return { ...gc.total.figures, runs: gc.runs.map((run) => run.figures) };
}

const begin: GcEvent = { kind: 'run-start', at: at(0) };

const linesIn = (log: string, wanted: RegExp) =>
  readFileSync(new URL(`../../../fixtures/gc-logs/unified/${log}`, import.meta.url), 'latin1')
    .split('\n')
    .filter((line) => wanted.test(line));
const figuresOfLines = (...lines: readonly string[]) => figuresOf(eventsOf(linesOf(...lines)).events);

test('computes percentiles by nearest rank over all pauses', () => {
  // 10, 20 … 90 and 400 ms: rank ⌈0.5 · 10⌉ = 5, ⌈0.95 · 10⌉ = 10.
  const { pauses } = figuresOf(troubledBroker());
  expect(pauses).toMatchObject({ count: 10, maxSeconds: 0.4, p50Seconds: 0.05, p95Seconds: 0.4, p999Seconds: 0.4 });
  expect(pauses?.totalSeconds).toBeCloseTo(0.85, 9);
});

test('computes percentiles of more pauses than the initial capacity', () => {
  const many = Array.from({ length: 1000 }, (_, index) => pause(at(index), 1000 - index));
  expect(figuresOf([begin, ...many]).pauses).toMatchObject({
    p50Seconds: 0.5,
    p95Seconds: 0.95,
    p99Seconds: 0.99,
    p999Seconds: 0.999,
  });
});

test('counts a nested pause, and its time once', () => {
  const inner = pause(at(1), 30, { type: 'Pause Full', cause: 'Ergonomics', isFull: true });
  const outer = pause(at(1), 40, { ownSeconds: 0.01 });
  const { pauses, byType, fullGc, stopped } = figuresOf([begin, inner, outer]);
  expect(pauses).toMatchObject({ count: 2, maxSeconds: 0.04 });
  expect(pauses?.totalSeconds).toBeCloseTo(0.04, 9);
  expect(stopped.gcSeconds).toBeCloseTo(0.04, 9);
  expect(byType.map(({ totalSeconds }) => totalSeconds)).toEqual([0.03, 0.01]);
  expect(fullGc).toEqual({
    count: 1,
    totalSeconds: 0.03,
    byCause: [{ cause: 'Ergonomics', count: 1, totalSeconds: 0.03 }],
  });
});

test('separates stops for GC from others, with the time to safepoint', () => {
  const { stopped, throughput } = figuresOf(troubledBroker());
  // Nine stops a millisecond longer than their pauses (450 ms in all), one of 402 ms, and one of 2050 ms for none.
  expect(stopped.gcSeconds).toBeCloseTo(0.45 + 0.009 + 0.402, 9);
  expect(stopped.otherSeconds).toBeCloseTo(2.05, 9);
  expect(stopped.timeToSafepointSeconds).toBeCloseTo(9 * 0.0005 + 0.001 + 2, 9);
  expect(throughput).toBeCloseTo(1 - 2.911 / 100, 9);
});

test('a stop of JDK 8 is for GC if a pause came with it', () => {
  const { stopped } = figuresOf([begin, pause(at(1), 10), stop(at(1), 11), stop(at(2), 5)]);
  expect(stopped).toEqual({ gcSeconds: 0.011, otherSeconds: 0.005 });
});

test('stops for other reasons are unknown in a log without safepoints', () => {
  expect(figuresOf([begin, pause(at(1), 10)]).stopped).toEqual({ gcSeconds: 0.01 });
});

test('the allocation rate is the heap growth between two collections', () => {
  const events = [begin, pause(at(10), 0, { heap: heap(300, 100) }), pause(at(20), 0, { heap: heap(500, 120) })];
  expect(figuresOf(events).allocationBytesPerSecond).toBe((400 * mebibyte) / 10);
});

const majorEnd = '[0.172s][info][gc          ] GC(1) Major Collection (Warmup) 82M(85%)->46M(48%) 0.062s';

test('the allocation rate of ZGC covers the time between and during cycles if the log has the table', () => {
  const lines = linesIn('21-generational-z.log', /GC\([23]\) y: |GC\([23]\) Minor Collection .*->/);
  const { allocationBytesPerSecond = 0 } = figuresOfLines(...lines, majorEnd);
  // 36 MiB during one cycle, 44 MiB until the next, 23 MiB during that: in 15, 25 and 9 ms.
  expect(allocationBytesPerSecond / mebibyte).toBeCloseTo((36 + 44 + 23) / 0.049, 3);
});

test('without the table, the allocation rate of ZGC covers only the time between cycles without another one', () => {
  const lines = linesIn('21-generational-z.log', /GC\(\d\) (?:Minor|Major) Collection .*->/);
  const { allocationBytesPerSecond = 0 } = figuresOfLines(...lines, majorEnd);
  expect(allocationBytesPerSecond / mebibyte).toBeCloseTo(44 / 0.024, 3);
});

test('the allocation rate of ZGC is unknown if cycles have neither a table nor a duration', () => {
  const cycles = ['[1.0s][gc] GC(0) Garbage Collection (Warmup) 208M(20%)->164M(16%)'];
  cycles.push('[2.0s][gc] GC(1) Garbage Collection (Warmup) 312M(30%)->172M(17%)');
  expect(figuresOfLines(...cycles)).not.toHaveProperty('allocationBytesPerSecond');
});

test('rates and covered time exclude the time between two JVMs', () => {
  const second = { kind: 'run-start', at: { uptimeSeconds: 0 } } as const;
  const late = (seconds: number, before: number, after: number) =>
    pause({ uptimeSeconds: seconds }, 0, { heap: heap(before, after) });
  const events = [begin, late(10, 300, 100), late(20, 200, 100), second, late(5, 50, 10), late(15, 110, 20)];
  const { allocationBytesPerSecond, coveredSeconds, runs } = figuresOf(events);
  expect(allocationBytesPerSecond).toBe((200 * mebibyte) / 20);
  expect(coveredSeconds).toBe(35);
  expect(runs.map((run) => run.coveredSeconds)).toEqual([20, 15]);
});

test('a log without timestamps has no shares or rates', () => {
  const figures = figuresOf([
    { kind: 'run-start', at: {} },
    pause({}, 5, { heap: heap(3, 1) }),
    pause({}, 5, { heap: heap(4, 1) }),
  ]);
  expect(figures.pauses?.count).toBe(2);
  expect(figures).not.toHaveProperty('throughput');
  expect(figures).not.toHaveProperty('coveredSeconds');
  expect(figures).not.toHaveProperty('allocationBytesPerSecond');
});

test('does not report zero pauses if ZGC logs only its cycles', () => {
  const cycle = {
    kind: 'concurrent',
    start: at(5),
    durationSeconds: 1,
    type: 'Major Collection',
    isCycle: true,
    aborted: false,
    heap: heap(60, 40),
  } as const;
  const figures = figuresOf([begin, cycle]);
  expect(figures).not.toHaveProperty('pauses');
  expect(figures.stopped).toEqual({});
  expect(figures.heap.liveSetBytes).toBe(40 * mebibyte);
});

test('the live set is known after full and mixed collections, and not after earlier ones', () => {
  const of = (type: string) => figuresOf([begin, pause(at(1), 1, { type, heap: heap(9, 5) })]).heap.liveSetBytes;
  expect(of('Pause Young (Mixed)')).toBe(5 * mebibyte);
  expect(of('Pause Mixed')).toBe(5 * mebibyte);
  expect(of('Pause Young (Prepare Mixed)')).toBeUndefined();
  expect(of('Pause Young (Normal)')).toBeUndefined();
});

test('the live set of Shenandoah is known after its references are updated, not before evacuation', () => {
  const lines = linesIn('17-shenandoah.log', /GC\(\d+\) Concurrent (?:cleanup|update references) .*ms$/).slice(0, 4);
  const liveSet = (...log: readonly string[]) => figuresOfLines(...log).heap.liveSetBytes;
  const [early = '', updated = '', , next = ''] = lines;
  expect(early).toMatch(/GC\(0\) Concurrent cleanup 16M->16M/);
  expect(next).toMatch(/GC\(1\) Concurrent cleanup/);
  expect(liveSet(early)).toBeUndefined();
  expect(liveSet(...lines.slice(0, 3))).toBe(2 * mebibyte);
  expect(liveSet(...lines)).toBe(2 * mebibyte);
  const degenerated = '[0.151s][info][gc          ] GC(0) Pause Degenerated GC (Update Refs) 18M->3M(64M) 0.9ms';
  expect(liveSet(early, updated, degenerated, next)).toBe(3 * mebibyte);
});

test('a young cycle of generational Shenandoah has no live set, although its generation is not logged', () => {
  const tail = linesIn(
    '25-generational-shenandoah-tail.log',
    /GC\(17\) Concurrent (?:cleanup|update references) .*ms$/,
  );
  expect(tail.map((line) => /Concurrent update references \d/.test(line))).toEqual([false, true, false]);
  const early = '[0.151s][info][gc          ] GC(18) Concurrent cleanup (Global) 58M->58M(64M) 0.01ms';
  const degenerated =
    '[0.151s][info][gc          ] GC(18) Pause Degenerated GC (Young) (Outside of Cycle) 60M->40M(64M) 0.9ms';
  expect(figuresOfLines(...tail, early).heap.liveSetBytes).toBeUndefined();
  expect(figuresOfLines(...tail.slice(0, 2), degenerated).heap.liveSetBytes).toBeUndefined();
});

test('includes only events in the window, by clock or by uptime', () => {
  const count = (window: TimeWindow) => figuresOf(troubledBroker(), window).pauses?.count;
  expect(count({ from: { kind: 'uptime', seconds: 20 }, to: { kind: 'uptime', seconds: 40 } })).toBe(2);
  expect(count({ from: { kind: 'clock', epochMs: startedAtMs + 90_000 } })).toBe(2);
});

const clock = (seconds: number) => ({ kind: 'clock', epochMs: startedAtMs + seconds * 1000 }) as const;

test('covers a whole window if the log continues beyond its ends, even without a collection inside', () => {
  const events = [begin, pause(at(5), 10), pause(at(50), 300), pause(at(51), 300), pause(at(100), 10)];
  const { coveredSeconds, throughput, runs } = figuresOf(events, { from: clock(40), to: clock(70) });
  expect(coveredSeconds).toBeCloseTo(30, 6);
  expect(throughput).toBeCloseTo(1 - 0.6 / 30, 6);
  expect(runs[0]?.coveredSeconds).toBeCloseTo(30, 6);
  expect(figuresOf(events, { from: { kind: 'uptime', seconds: 20 } }).coveredSeconds).toBe(80);
  expect(figuresOf(events, { from: clock(60), to: clock(90) })).toMatchObject({ pauses: { count: 0 }, throughput: 1 });
  expect(figuresOf(events, { from: clock(110), to: clock(120) })).not.toHaveProperty('coveredSeconds');
});

test('covers a window only up to the last line of a log, and not the time between two JVMs', () => {
  const dated = (seconds: number) => ({ epochMs: startedAtMs + seconds * 1000 });
  const second = [{ kind: 'run-start', at: dated(60) } as const, pause(dated(80), 10), pause(dated(110), 10)];
  const window = { from: clock(20), to: clock(100) };
  const events = [{ kind: 'run-start', at: dated(0) } as const, pause(dated(10), 10), ...second];
  // The first JVM ended at 10 s, before the window; the second began at 60 s.
  expect(figuresOf(events, window).coveredSeconds).toBeCloseTo(40, 6);
  const ended = [begin, pause(at(15), 10), pause(at(30), 10), { kind: 'run-start', at: at(120) } as const];
  expect(figuresOf(ended, window).coveredSeconds).toBeCloseTo(10, 6);
});

test('a window by the clock is empty for a log without dates', () => {
  const events = [begin, pause({ uptimeSeconds: 1 }, 5)];
  expect(figuresOf(events, { from: { kind: 'clock', epochMs: 0 } }).pauses?.count).toBe(0);
});

test('sums cycles, including aborted ones', () => {
  expect(figuresOf(troubledBroker()).concurrent).toEqual([
    { type: 'Concurrent Mark Cycle', count: 1, totalSeconds: 0.5, aborted: 1 },
  ]);
});

test('the longest pause has its type, time and log', () => {
  const gc = createGcFigures();
  for (const [log, milliseconds] of [
    ['before.log', 30],
    ['bad.log', 400],
    ['after.log', 20],
  ] as const) {
    gc.beginLog(log);
    gc.event(begin);
    gc.event(pause(at(5), milliseconds, { type: 'Pause Full', cause: 'Ergonomics' }));
    gc.endLog(undefined);
  }
  expect(gc.total.figures.longestPause).toEqual({
    type: 'Pause Full',
    cause: 'Ergonomics',
    seconds: 0.4,
    at: new Date(startedAtMs + 5000).toISOString(),
    uptimeSeconds: 5,
    log: 'bad.log',
  });
  expect(gc.runs.map(({ log, figures }) => [log, figures.longestPause?.seconds])).toEqual([
    ['before.log', 0.03],
    ['bad.log', 0.4],
    ['after.log', 0.02],
  ]);
});

test('the maximum heap of several JVMs is the largest one', () => {
  const jvms = [64, 512, 96].flatMap((size): GcEvent[] => [begin, { kind: 'jvm', heapMaxBytes: size * mebibyte }]);
  expect(figuresOf(jvms).heap.maxBytes).toBe(512 * mebibyte);
});
