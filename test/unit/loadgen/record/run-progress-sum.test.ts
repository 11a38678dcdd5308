import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { createRunProgressSum } from '../../../../loadgen/record/run-progress-sum.ts';
import { createLatencyRecorder } from '../../../../loadgen/record/latency.ts';
import { recordedJournal } from '../../../support/recorded-journal.ts';

test('a share that moved to another worker counts once in the achieved rate', async () => {
  const sum = createRunProgressSum([]);
  const journal = await recordedJournal('worker-lost');
  for (const line of journal) sum.add(line);
  // One of two workers died within a step of 12 s, and the other one sent its messages from then on.
  const { achievedTps, acknowledgedSends = 0, targetTps = 0 } = sum.step(0);
  expect(achievedTps).toBeLessThanOrEqual(targetTps);
  expect(achievedTps / (acknowledgedSends / 12)).toBeCloseTo(1, 2);
});

type LineOf<Kind extends JournalLine['kind']> = Extract<JournalLine, { kind: Kind }>;
const none = createLatencyRecorder().take();
const counted = { worker: 'w', intervalSeconds: 1, bytes: 0, cpuSeconds: 0, eventLoopUtilisation: 0 };
/** Lines of the second that ends at this time. */
const second = (elapsedSeconds: number, acknowledged: number, messages: number): JournalLine[] => [
  {
    kind: 'produced',
    elapsedSeconds,
    ...counted,
    intended: acknowledged,
    sent: acknowledged,
    acknowledged,
    failed: 0,
    requests: 1,
    eventLoopDelayMaxSeconds: 0,
    latency: none,
    sendDelay: none,
  },
  { kind: 'consumed', elapsedSeconds, ...counted, group: 'g', messages, endToEnd: none, negativeSamples: 0 },
];
const started = (step: number, elapsedSeconds: number): JournalLine => ({
  kind: 'step-started',
  step,
  elapsedSeconds,
  targetTps: 100,
});
const trial = (step: number, kind: LineOf<'trial'>['outcome']['kind'] = 'passed') =>
  ({
    kind: 'trial',
    step,
    elapsedSeconds: 0,
    targetTps: 100,
    durationSeconds: 2,
    outcome: { kind },
  }) as LineOf<'trial'>;

test('a second without the report of a producer has no rate, and the next one has that of both, until it is lost', () => {
  const sum = createRunProgressSum(['g']);
  const taken = (...lines: JournalLine[]) => {
    for (const line of lines) sum.add(line);
    return sum.takeInterval({ targetTps: 100 }, ['w', 'late']);
  };
  const late = (end: number) => second(end, 50, 0).map((line) => ({ ...line, worker: 'late' }) as JournalLine);
  expect(taken(started(0, 0), ...second(1, 50, 90), ...late(1))).toMatchObject({ targetTps: 100, achievedTps: 100 });
  expect(taken(...second(2, 50, 90))).not.toHaveProperty('achievedTps');
  expect(taken(...late(2), ...second(3, 50, 90), ...late(3)).achievedTps).toBe(100);
  expect(taken(...second(4, 0, 0), ...late(4).slice(1))).not.toHaveProperty('achievedTps');
  const lost: JournalLine = { kind: 'worker-lost', elapsedSeconds: 5, worker: 'late', reason: 'gone', share: 'moved' };
  expect(taken(lost, ...second(5, 100, 90)).achievedTps).toBe(100);
});

test('a worker lost after the end of a step counts in its rate only for what it sent', () => {
  const sum = createRunProgressSum([]);
  const from = (worker: string, elapsedSeconds: number) =>
    second(elapsedSeconds, 50, 0).map((line) => ({ ...line, worker }) as JournalLine);
  const both = [1, 2].flatMap((end) => [...from('a', end), ...from('b', end)]);
  const alone = [3, 4].flatMap((end) => from('a', end));
  for (const line of [started(0, 0), ...both, ...alone, started(1, 4), ...from('a', 5)]) sum.add(line);
  sum.add({ kind: 'worker-lost', elapsedSeconds: 5.5, worker: 'b', share: 'moved' });
  expect(sum.step(0).achievedTps).toBeCloseTo(75, 6);
});

test.each([
  { what: 'a message that never came', consumed: 99 },
  { what: 'messages that came twice', consumed: 120 },
])('$what in one trial does not affect the lag of the next', ({ consumed }) => {
  const sum = createRunProgressSum(['g']);
  for (const line of [started(0, 0), ...second(1, 100, consumed), trial(0)]) sum.add(line);
  expect(sum.lagMessages()).toBe(Math.max(0, 100 - consumed));
  // The report of the seconds before the next trial arrives after that trial has begun.
  for (const line of [started(1, 605), ...second(605, 0, 0), ...second(606, 100, 70)]) sum.add(line);
  expect([...sum.lags()]).toEqual([['g', 30]]);
});

test('messages of an earlier trial that a group still reads count as lag in the next', () => {
  const sum = createRunProgressSum(['g']);
  for (const line of [started(0, 0), ...second(1, 100, 10), trial(0, 'failed'), ...second(601, 0, 40)]) sum.add(line);
  for (const line of [started(1, 605), ...second(606, 10, 20)]) sum.add(line);
  expect(sum.lagMessages()).toBe(40);
});

test('responses reported after the verdict of a trial do not count as lag of the next', () => {
  const sum = createRunProgressSum(['g']);
  for (const line of [started(0, 0), ...second(1, 90, 100), trial(0), started(1, 2)]) sum.add(line);
  for (const line of [...second(2, 10, 0), ...second(3, 100, 100)]) sum.add(line);
  expect(sum.lagMessages()).toBe(0);
});

test('messages that a busy worker reports just after a trial began count for the previous trial', () => {
  const sum = createRunProgressSum(['g']);
  for (const line of [started(0, 0), ...second(1, 100, 100), trial(0), started(1, 2)]) sum.add(line);
  for (const line of [...second(2.02, 0, 2), ...second(3, 100, 98)]) sum.add(line);
  expect(sum.lagMessages()).toBe(0);
});

test('reports that arrive after the next trial began change its lag correctly', () => {
  const judged = [started(0, 0), ...second(1, 100, 90), trial(0), started(1, 2)];
  const lagAfter = (late: JournalLine[]) => {
    const sum = createRunProgressSum(['g']);
    for (const line of [...judged, ...late, ...second(3, 100, 100)]) sum.add(line);
    return sum.lagMessages();
  };
  expect(lagAfter(second(2, 30, 20))).toBe(20);
  expect(lagAfter(second(2, 0, 10))).toBe(0);
  expect(lagAfter([])).toBe(10);
});

test('in a profile the lag of a step continues in the next', () => {
  const sum = createRunProgressSum(['g']);
  for (const line of [started(0, 0), ...second(1, 100, 40), started(1, 1), ...second(2, 100, 100)]) sum.add(line);
  expect(sum.lagMessages()).toBe(60);
});

test('failed messages that were stored and read do not hide later lag of a group', () => {
  const sum = createRunProgressSum(['g']);
  const failing = (end: number) =>
    second(end, 100, 100).map((line) =>
      line.kind === 'produced' ? { ...line, acknowledged: 0, failed: line.sent } : line,
    );
  sum.add(started(0, 0));
  for (let end = 1; end <= 40; end++) {
    for (const line of end > 10 && end <= 20 ? failing(end) : second(end, 100, end > 30 ? 0 : 100)) sum.add(line);
  }
  // Of the 1000, those of one second may still be reported: reports arrive in any order.
  expect(sum.lagMessages()).toBe(900);
  expect(sum.step(0).lagMessages).toBe(900);
});

test('messages in flight on a lost worker do not hide later lag of a group', () => {
  const sum = createRunProgressSum(['g']);
  const inFlight = second(10, 0, 0).map((line) =>
    line.kind === 'produced' ? { ...line, worker: 'b', intended: 800, sent: 800 } : line,
  );
  const lost: JournalLine = { kind: 'worker-lost', elapsedSeconds: 14.5, worker: 'b', share: 'moved' };
  sum.add(started(0, 0));
  for (let end = 1; end <= 40; end++) {
    const lines = second(end, 100, end > 30 ? 0 : end === 11 ? 900 : 100);
    for (const line of [...lines, ...(end === 10 ? inFlight : end === 14 ? [lost] : [])]) sum.add(line);
  }
  // Of the 1000, those of one second may still be reported: reports arrive in any order.
  expect(sum.lagMessages()).toBe(900);
});

test('messages with slow responses do not count as read twice', () => {
  const sum = createRunProgressSum(['g']);
  const answered = (end: number) => (end <= 3 ? 0 : end === 20 ? 400 : 100);
  for (let end = 1; end <= 20; end++) {
    const sent = (line: JournalLine) => (line.kind === 'produced' ? { ...line, intended: 100, sent: 100 } : line);
    for (const line of second(end, answered(end), 100)) sum.add(sent(line));
  }
  expect(sum.lagMessages()).toBe(0);
});

test('the step of the last passed trial is the step in its journal line', () => {
  const sum = createRunProgressSum([]);
  expect(sum.passedStep()).toBeUndefined();
  // Step 1 was interrupted before its verdict, and its trial was repeated in step 2.
  for (const line of [trial(0), trial(2), trial(3, 'failed')]) sum.add(line);
  expect(sum.passedStep()).toBe(2);
});

test('without a lost worker the rate of a step is the sum of its workers', async () => {
  const sum = createRunProgressSum([]);
  for (const line of await recordedJournal('spike')) sum.add(line);
  const [first] = sum.steps();
  expect(first?.achievedTps).toBeGreaterThan(0.98 * (first?.targetTps ?? 0));
});
