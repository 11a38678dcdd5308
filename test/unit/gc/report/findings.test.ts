import { expect, test } from 'vitest';
import type { GcEvent } from '../../../../gc/log/gc-event.ts';
import { createGcFigures } from '../../../../gc/report/gc-figures.ts';
import { makeReport } from '../../../../gc/report/make-report.ts';
import { at, heap, mebibyte, pause, stop, troubledBroker } from '../../../support/troubled-broker.ts';

const findingsOf = (events: readonly GcEvent[], path = 'gc.log') => findingsOfLogs({ [path]: events });

function findingsOfLogs(logs: Readonly<Record<string, readonly GcEvent[]>>) {
  const gc = createGcFigures();
  for (const [path, events] of Object.entries(logs)) {
    gc.beginLog(path);
    for (const event of [runStart, ...events]) gc.event(event);
    gc.endLog(at(10_000));
  }
  return makeReport(
    gc,
    Object.keys(logs).map((path) => ({ path, bytes: 1 })),
  ).findings;
}
const runStart: GcEvent = { kind: 'run-start', at: at(0) };
const codes = (...of: Parameters<typeof findingsOf>) => findingsOf(...of).map(({ code }) => code);

test('the first finding states that GC is harmless in a calm log', () => {
  const [verdict] = findingsOf([pause(at(5), 12)]);
  expect(verdict).toMatchObject({ severity: 'info', code: 'gc-calm' });
  expect(verdict?.message).toContain('12 ms');
  // A folder of logs may hold those of name servers too.
  expect(verdict?.message).toMatch(/GC does not limit the process\.$/);
});

test('each finding has a Chinese text', () => {
  const full = pause(at(5), 50, { type: 'Pause Full', isFull: true, cause: 'System.gc()' });
  const findings = [[pause(at(5), 12)], [full], troubledBroker()].flatMap((events) => findingsOf(events));
  for (const { code, messageZh } of findings) {
    expect([code, messageZh]).toEqual([code, expect.stringMatching(/\p{Script=Han}.*。$/su) as string]);
  }
  expect(findings[0]?.messageZh).toMatch(/^GC 停顿很短：最长 12 ms.*。GC 不是该进程的瓶颈。$/);
  expect(findings.find(({ code }) => code === 'full-gc')?.messageZh).toContain(
    '由显式请求触发：请找出调用方，或添加 -XX:+ExplicitGCInvokesConcurrent。',
  );
});

test('lists the most severe finding first', () => {
  expect(findingsOf(troubledBroker()).map(({ severity }) => severity)).toEqual(
    expect.arrayContaining(['critical', 'warning']),
  );
  expect(codes(troubledBroker())[0]).toBe('full-gc');
});

test('compares a stop with the timeouts of the broker of the log', () => {
  expect(codes([pause(at(5), 250)], '/dev/shm/rmq_srv_gc_1_2.log')).toContain('long-stop');
  expect(codes([pause(at(5), 250)], 'kafkaServer-gc.log')).not.toContain('long-stop');
  expect(codes([pause(at(5), 9500)], 'kafkaServer-gc.log')).toContain('long-stop');
});

test('reports a long pause of a JVM that does not log its stops, even after one that does', () => {
  const before = [pause(at(5), 12), stop(at(5), 13, { isForGc: true })];
  const findings = findingsOfLogs({
    '/dev/shm/rmq_srv_gc_1_2.log': before,
    '/dev/shm/rmq_srv_gc_3_4.log': [pause(at(5), 3000)],
  });
  expect(findings.map(({ code }) => code)).toContain('long-stop');
  expect(findings.map(({ code }) => code)).not.toContain('gc-calm');
});

test('counts a first pause and its stop once, and pauses before stops were logged', () => {
  const path = '/dev/shm/rmq_srv_gc_1_2.log';
  const messageOf = (events: GcEvent[]) => findingsOf(events, path).find(({ code }) => code === 'long-stop')?.message;
  const first = [pause(at(5), 300), stop(at(4.999), 302, { isForGc: true })];
  expect(messageOf(first)).toContain('1 exceeded 200 ms');
  expect(messageOf([pause(at(2), 400), ...first])).toContain('2 exceeded 200 ms');
});

test('compares a stop with both brokers if the file name shows none, and cites both', () => {
  const finding = findingsOf([pause(at(5), 9500)]).find(({ code }) => code === 'long-stop');
  expect(finding?.severity).toBe('critical');
  expect(finding?.evidence.map(({ name }) => name)).toEqual([
    'longest stop',
    'broker.session.timeout.ms',
    'waitTimeMillsInSendQueue',
  ]);
});

test('a slow way to a safepoint does not count as GC', () => {
  const slow = stop(at(5), 2050, { operation: 'Cleanup', isForGc: false, timeToSafepointSeconds: 2 });
  const finding = findingsOf([slow]).find(({ code }) => code === 'slow-safepoint');
  expect(finding?.message).toMatch(/2 s to come to a safepoint \(Cleanup\).*not GC/);
  expect(codes([slow])).not.toContain('stop-without-gc');
});

test('names stops that are not for GC', () => {
  const dump = stop(at(5), 700, { operation: 'HeapDumper', isForGc: false, timeToSafepointSeconds: 0.001 });
  expect(findingsOf([dump]).find(({ code }) => code === 'stop-without-gc')?.message).toContain('HeapDumper');
});

test('reports a stop that is not for GC although its time to safepoint alone is not notable', () => {
  const slow = stop(at(5), 150, { operation: 'Cleanup', isForGc: false, timeToSafepointSeconds: 0.08 });
  expect(codes([slow])).toContain('stop-without-gc');
});

test.each([
  ['System.gc()', 'ExplicitGCInvokesConcurrent'],
  ['Metadata GC Threshold', 'MetaspaceSize'],
  ['G1 Humongous Allocation', 'G1HeapRegionSize'],
  ['Allocation Failure', '-Xmx'],
])('a full collection because of %s suggests %s', (cause, flag) => {
  const full = pause(at(5), 50, { type: 'Pause Full', isFull: true, cause });
  expect(findingsOf([full])[0]?.message).toContain(flag);
});

/** Mixed collections, 100 s apart. @param after mebibytes that stay, by the number of the collection */
const mixed = (after: (index: number) => number) =>
  Array.from({ length: 30 }, (_, index) =>
    pause(at(100 * index), 20, { type: 'Pause Young (Mixed)', heap: heap(5000, after(index)) }),
  );
const growing = mixed((index) => 100 + index + (index % 3));
const levelAt = (mebibytes: number) => mixed((index) => mebibytes + ((index * 7) % 10));
const jvmWith = (heapMebibytes: number): GcEvent => ({ kind: 'jvm', heapMaxBytes: heapMebibytes * mebibyte });

test('detects a growing live set, and states when the heap is full', () => {
  const finding = findingsOf([jvmWith(1000), ...growing]).find(({ code }) => code === 'live-set-grows');
  // One MiB in 100 s: 36 MiB in an hour.
  expect(Number(finding?.evidence[0]?.value) / mebibyte).toBeCloseTo(36, 0);
  expect(finding?.message).toContain('heap is full in');
});

test('a live set that goes up and down is not a leak', () => {
  expect(codes(levelAt(100))).not.toContain('live-set-grows');
});

test('more live data than in the previous JVM, or than on another broker, is not a leak', () => {
  const restarted = [jvmWith(1000), ...levelAt(100), runStart, jvmWith(1000), ...levelAt(300)];
  expect(codes(restarted)).not.toContain('live-set-grows');
  const brokers = { 'a.log': [jvmWith(1000), ...levelAt(100)], 'b.log': [jvmWith(1000), ...levelAt(300)] };
  expect(findingsOfLogs(brokers).map(({ code }) => code)).not.toContain('live-set-grows');
});

test('names the log whose live set grows, and the log whose heap is full', () => {
  const logs = {
    'leak.log': [jvmWith(1000), ...growing],
    'full.log': [jvmWith(1000), ...levelAt(900)],
    'large.log': [jvmWith(8000), ...levelAt(1500)],
  };
  const messageOf = (wanted: string) => findingsOfLogs(logs).find(({ code }) => code === wanted)?.message;
  expect(messageOf('live-set-grows')).toContain('per hour in leak.log');
  expect(messageOf('live-set-large')).toMatch(/^90% of the heap stays after an old collection in full\.log/);
});

test('warns that a log in memory is lost at a reboot', () => {
  expect(codes([pause(at(5), 1)], '/dev/shm/rmq_srv_gc_1_2.log')).toContain('log-in-memory');
  expect(codes([pause(at(5), 1)], '/var/log/gc.log')).not.toContain('log-in-memory');
});

test('states how many messages the JVM dropped', () => {
  const notice: GcEvent = { kind: 'notice', code: 'messages-dropped', at: at(3), amount: 20 };
  expect(findingsOf([notice, notice]).find(({ code }) => code === 'messages-dropped')?.message).toContain('dropped 40');
});

test.each([
  ['gc-in-kernel', { userSeconds: 0.5, systemSeconds: 2, realSeconds: 1 }],
  ['gc-waited', { userSeconds: 0.1, systemSeconds: 0, realSeconds: 1 }],
])('detects %s by the CPU time of pauses', (code, cpu) => {
  expect(codes([pause(at(5), 100, { cpu })])).toContain(code);
  expect(codes([pause(at(5), 100, { cpu: { userSeconds: 4, systemSeconds: 0.1, realSeconds: 1 } })])).not.toContain(
    code,
  );
});

test('reports allocation stalls, evacuation failures and large objects', () => {
  expect(codes([{ kind: 'stall', start: at(1), durationSeconds: 0.3, type: 'Allocation Stall' }])).toContain(
    'allocation-stall',
  );
  expect(codes([pause(at(1), 5, { evacuationFailed: true })])).toContain('evacuation-failure');
  expect(codes([pause(at(1), 5, { cause: 'G1 Humongous Allocation' })])).toContain('humongous-objects');
});

test.each([
  ['G1', 'add -XX:+ExplicitGCInvokesConcurrent'],
  ['Parallel', 'find the caller.'],
] as const)('the advice against explicit collections suits %s', (collector, words) => {
  const asked = pause(at(5), 20, { type: 'Pause Full', cause: 'System.gc()', isFull: true });
  const finding = findingsOf([{ kind: 'jvm', collector }, asked]).find(({ code }) => code === 'full-gc');
  expect(finding?.message).toContain(words);
  expect(finding?.message.includes('ExplicitGCInvokesConcurrent')).toBe(collector === 'G1');
});
