import { expect, test } from 'vitest';
import type { Output } from '../../../app/caller.ts';
import { createRunProgress } from '../../../cli/run-progress.ts';
import type { RunProgress } from '../../../loadgen/record/progress.ts';

const percentiles = (p99: number) => ({ p50: p99, p99, p999: p99, max: p99 });
const summary = (achievedTps: number) => ({
  targetTps: 2000,
  achievedTps,
  failedSends: 0,
  latencySeconds: percentiles(0.0123),
  sendDelaySeconds: percentiles(1.5),
});
const second = (elapsedSeconds: number, over: Partial<Extract<RunProgress, { kind: 'second' }>> = {}): RunProgress => ({
  kind: 'second',
  elapsedSeconds,
  step: 2,
  steps: 5,
  interval: summary(1999.6),
  lagMessages: 1234,
  busiest: { resource: 'network-out', host: 'broker-1', utilisation: 0.634 },
  ...over,
});

function written(
  { isTerminal, columns = 200 }: { isTerminal: boolean; columns?: number },
  ...pieces: RunProgress[]
): string {
  let text = '';
  const output: Output = { write: (more) => void (text += more), isTerminal, columns };
  const tell = createRunProgress(output, { colours: false });
  for (const piece of pieces) tell(piece);
  return text;
}

test('a second shows rate, p99, send delay, lag and the busiest resource', () => {
  expect(written({ isTerminal: true }, second(1))).toBe(
    '\r\u001b[2Kstep 2/5  2,000/2,000 msg/s  p99 12.3 ms  send delay p99 1.5 s  lag 1,234  network-out of broker-1 63%',
  );
});

test('the line starts with a bar and the remaining time if the end is known', () => {
  const line = written({ isTerminal: true, columns: 200 }, second(90, { leftSeconds: 270 }));
  expect(line).toContain(
    '[#####---------------] 25%  4 min 30 s left  step 2/5  2,000/2,000 msg/s  p99 12.3 ms  send delay p99 1.5 s  lag 1,234  network',
  );
  expect(written({ isTerminal: true, columns: 80 }, second(90, { leftSeconds: 90 }))).toContain('[#####-----] 50%');
  expect(written({ isTerminal: true, columns: 50 }, second(90, { leftSeconds: 90 }))).toContain('K90 s left');
  expect(written({ isTerminal: false }, second(90, { leftSeconds: 9000 }))).toMatch(/^2 h 30 min left {2}step 2\/5/);
});

test('without a terminal, prints a line every five seconds', () => {
  const lines = written({ isTerminal: false }, ...Array.from({ length: 20 }, (_, index) => second(index + 0.05)));
  expect(lines.trim().split('\n')).toHaveLength(3);
  expect(lines).not.toContain('\u001b');
});

test('omits unknown values', () => {
  const {
    step: _step,
    lagMessages: _lag,
    busiest: _busiest,
    ...rest
  } = second(1) as Extract<RunProgress, { kind: 'second' }>;
  const bare = { ...rest, interval: { targetTps: 100, achievedTps: 0, failedSends: 0 } };
  expect(written({ isTerminal: true }, bare)).toBe('\r\u001b[2Kwarm-up  0/100 msg/s');
  const unreported = { ...rest, interval: { targetTps: 100, failedSends: 0 } };
  expect(written({ isTerminal: true }, unreported)).toBe('\r\u001b[2Kwarm-up');
});

test('after the last step, a run waits for responses and consumers, and is not in its warm-up', () => {
  const { step: _step, ...between } = second(90) as Extract<RunProgress, { kind: 'second' }>;
  const line = (leftSeconds: number, interval = between.interval) =>
    written({ isTerminal: false }, { ...between, leftSeconds, interval });
  expect(line(0, { achievedTps: 1999.6, failedSends: 0 })).toMatch(
    /^0 s left {2}waiting for the last answers and consumers {2}2,000 msg\/s {2}/,
  );
  expect(line(75)).toMatch(/^75 s left {2}warm-up {2}/);
});

test('a live line never wraps, and omits whole parts that do not fit', () => {
  const line = (columns: number) => written({ isTerminal: true, columns }, second(1)).replace('\r\u001b[2K', '');
  expect(line(81)).toBe('step 2/5  2,000/2,000 msg/s  p99 12.3 ms  send delay p99 1.5 s  lag 1,234');
  expect(line(72)).toBe('step 2/5  2,000/2,000 msg/s  p99 12.3 ms  send delay p99 1.5 s');
  expect(line(20)).toBe('step 2/5');
});

test('shows failed sends', () => {
  const piece: RunProgress = { kind: 'step-ended', step: 1, steps: 1, summary: { ...summary(10), failedSends: 5000 } };
  expect(written({ isTerminal: false }, piece)).toContain('5,000 failed');
});

test('reports a lost worker whose messages the others send', () => {
  const reason = 'worker job-1 is lost: it was closed';
  expect(written({ isTerminal: false }, { kind: 'worker-lost', worker: 'producer-0', reason })).toBe(
    'producer-0 is lost, others send its messages: worker job-1 is lost: it was closed\n',
  );
});

test('removes the live line when the run has ended', () => {
  expect(written({ isTerminal: true }, second(1), { kind: 'ended' }).endsWith('\r\u001b[2K')).toBe(true);
  expect(written({ isTerminal: false }, { kind: 'ended' })).toBe('');
});

test('names what the run waits for before it begins and after the load, and what did not arrive', () => {
  expect(written({ isTerminal: false }, { kind: 'awaits-ends', messages: 1200, seconds: 50 })).toBe(
    'waiting up to 50 s: the partitions do not show 1,200 acknowledged messages yet; a broker was lost, or followers lag\n',
  );
  const [topics, slaves] = [['orders'], ['b:1', 'b:2']];
  expect(written({ isTerminal: false }, { kind: 'awaits-copies', topics, slaves })).toBe(
    'waiting until b:1 and b:2 know topic orders\n',
  );
  expect(written({ isTerminal: false }, { kind: 'not-copied', topics: ['a', 'b'], slaves })).toBe(
    'gave up waiting until b:1 and b:2 know 2 topics: if their master is lost, so is the topic\n',
  );
});
