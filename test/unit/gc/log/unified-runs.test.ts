import { describe, expect, test } from 'vitest';
import { eventsOf, linesOf, ofKind } from '../../../support/read-gc-log.ts';

const read = (...lines: readonly string[]) => eventsOf(linesOf(...lines));
const pauses = (...lines: readonly string[]) => ofKind(read(...lines), 'pause');

const notices = (...lines: readonly string[]) => ofKind(read(...lines), 'notice').map(({ code }) => code);
const young = (id: number, ms: string) => `GC(${id}) Pause Young (Normal) (G1 Evacuation Pause) 51M->9M(1024M) ${ms}ms`;

describe('safepoints', () => {
  test('are on one line since JDK 13', () => {
    const line =
      '[1.5s][safepoint] Safepoint "G1CollectForAllocation", Time since last: 5 ns, Reaching safepoint: 100000000 ns, Cleanup: 5 ns, At safepoint: 9 ns, Total: 500000000 ns';
    expect(ofKind(read(line), 'stop')).toEqual([
      {
        kind: 'stop',
        start: { uptimeSeconds: 1 },
        totalSeconds: 0.5,
        timeToSafepointSeconds: 0.1,
        operation: 'G1CollectForAllocation',
        isForGc: true,
      },
    ]);
  });

  test('are on several lines until JDK 12', () => {
    const log = read(
      '[1.0s][safepoint] Entering safepoint region: RevokeBias',
      '[1.4s][safepoint] Leaving safepoint region',
      '[1.5s][safepoint] Total time for which application threads were stopped: 0.5 seconds, Stopping threads took: 1.0E-5 seconds',
    );
    expect(ofKind(log, 'stop')).toMatchObject([
      { totalSeconds: 0.5, timeToSafepointSeconds: 1e-5, operation: 'RevokeBias', isForGc: false },
    ]);
    expect(log.unparsed).toEqual([]);
  });
});

describe('JVM runs', () => {
  const starts = (...lines: readonly string[]) => ofKind(read(...lines), 'run-start').length;

  test('the first lines describe the JVM', () => {
    const facts = ofKind(
      read(
        '[0.1s][gc] Using G1',
        '[0.1s][gc,init] Version: 17.0.15+6-Debian-1deb12u1 (release)',
        '[0.1s][gc,init] CPUs: 8 total, 4 available',
        '[0.1s][gc,init] Memory: 16384M',
        '[0.1s][gc,init] Heap Max Capacity: 1G',
      ),
      'jvm',
    );
    expect(Object.assign({}, ...facts)).toEqual({
      kind: 'jvm',
      collector: 'G1',
      jvmVersion: '17.0.15+6-Debian-1deb12u1',
      cpus: 4,
      memoryBytes: 16 * 2 ** 30,
      heapMaxBytes: 2 ** 30,
    });
  });

  test.each([
    [young(7, '1.0'), { collector: 'G1' }],
    ['GC(7) Minor Collection (Allocation Rate) 2M(2%)->1M(1%) 0.1s', { collector: 'Z' }],
    ['GC(7) Pause Degenerated GC (Mark) 2M->1M(2M) 8.9ms', { collector: 'Shenandoah' }],
    ['GC(7) PSYoungGen: 5K(9K)->4K(9K)', {}],
  ])('a log that was enabled later shows the JVM by its events: %s', (message, facts) => {
    expect(ofKind(read(`[90.0s][gc] ${message}`), 'jvm')).toEqual(
      Object.keys(facts).length === 0 ? [] : [{ kind: 'jvm', ...facts }],
    );
  });

  test('first lines after a collection start another JVM', () => {
    const run = [
      '[2026-11-20T13:54:05.265+0000][gc] Using G1',
      `[2026-11-20T13:54:05.300+0000][gc] ${young(0, '1.0')}`,
    ];
    expect(starts(...run, ...run)).toBe(2);
  });

  test('first lines after a numbered collection without pauses start another JVM', () => {
    const run = [
      '[2026-11-20T13:54:05.265+0000][gc,init] Initializing The Z Garbage Collector',
      '[2026-11-20T13:54:05.265+0000][gc,init] Version: 17.0.15+6-Debian-1deb12u1 (release)',
      '[2026-11-20T13:54:05.278+0000][gc     ] Using The Z Garbage Collector',
      '[2026-11-20T13:54:05.300+0000][gc,phases   ] GC(0) Pause Mark Start 0.008ms',
    ];
    expect(starts(...run, ...run)).toBe(2);
  });

  test('a decreasing uptime starts another JVM, and slightly unordered lines do not', () => {
    expect(starts(`[9.000s] ${young(7, '1.0')}`, `[0.500s] ${young(0, '1.0')}`)).toBe(2);
    expect(starts(`[9.000s] ${young(7, '1.0')}`, '[8.990s][gc] GC(6) Pause Remark 1M->1M(2M) 1ms')).toBe(1);
  });

  test('without uptime, decreasing collection numbers start another JVM', () => {
    expect(starts(young(7, '1.0'), young(0, '1.0'))).toBe(2);
    expect(starts(young(70, '1.0'), 'GC(5) Pause Remark 1M->1M(2M) 1ms')).toBe(1);
  });

  test('a clock that was set is a step, not another JVM', () => {
    const log = [
      `[2026-11-20T13:54:05.000+0000][9.000s] ${young(7, '1.0')}`,
      `[2026-11-20T13:50:05.000+0000][9.500s] ${young(8, '1.0')}`,
      `[2026-11-20T13:50:06.000+0000][10.500s] ${young(9, '1.0')}`,
    ];
    expect(starts(...log)).toBe(1);
    expect(ofKind(read(...log), 'notice')).toMatchObject([{ code: 'clock-step', amount: -240.5 }]);
  });

  test('two alternating JVMs are two writers, reported once', () => {
    const log = [1, 2, 3].flatMap((n) => [
      `[2026-11-20T13:54:0${n}.000+0000][90${n}.000s] ${young(70 + n, '1.0')}`,
      `[2026-11-20T13:54:0${n}.500+0000][${n}.500s] ${young(n, '1.0')}`,
    ]);
    expect(notices(...log)).toEqual(['two-writers']);
    expect(starts(...log)).toBe(2);
    expect(pauses(...log)).toHaveLength(6);
  });

  test('detects a line torn by another', () => {
    const log = [`[1.0s][gc] ${young(7, '1.0')}`, `[1.1s][gc,heap] GC(8) Old reg[1.2s][gc] ${young(9, '2.0')}`];
    expect(notices(...log)).toEqual(['torn-record']);
    expect(pauses(...log).map(({ gcId }) => gcId)).toEqual([7, 9]);
  });

  test('reports messages that asynchronous logging dropped', () => {
    const log = read(`[1.0s][gc] ${young(7, '1.0')}`, '[1.1s][   ]     20 messages dropped due to async logging');
    expect(ofKind(log, 'notice')).toEqual([
      { kind: 'notice', code: 'messages-dropped', at: { uptimeSeconds: 1.1 }, amount: 20 },
    ]);
  });
});
