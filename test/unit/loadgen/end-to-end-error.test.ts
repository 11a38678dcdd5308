import { expect, test } from 'vitest';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { createLatencyRecorder } from '../../../loadgen/record/latency.ts';
import { createRunProgressSum } from '../../../loadgen/record/run-progress-sum.ts';

const clock = (worker: string, elapsedSeconds: number, errorSeconds: number): JournalLine => ({
  kind: 'clock-offset',
  elapsedSeconds,
  worker,
  offsetSeconds: 0,
  errorSeconds,
});
const started = (step: number, elapsedSeconds: number): JournalLine => ({
  kind: 'step-started',
  step,
  elapsedSeconds,
  targetTps: 10,
});
function consumed(elapsedSeconds: number): JournalLine {
  const recorder = createLatencyRecorder();
  recorder.record(0.01);
  return {
    kind: 'consumed',
    elapsedSeconds,
    intervalSeconds: 1,
    worker: 'consumer-1',
    group: 'g',
    messages: 1,
    bytes: 1,
    endToEnd: recorder.take(),
    negativeSamples: 0,
    eventLoopUtilisation: 0,
    cpuSeconds: 0,
  };
}
const errorsOf = (...lines: readonly JournalLine[]) => {
  const sum = createRunProgressSum(['g']);
  for (const line of lines) sum.add(line);
  return sum.steps().map(({ endToEndErrorSeconds }) => endToEndErrorSeconds);
};

test('a single clock has no error', () => {
  expect(errorsOf(started(0, 0), consumed(1))).toEqual([undefined]);
});

test('the error of a step is the largest of the sending clocks plus the largest of the receiving clocks', () => {
  const lines = [clock('producer-0', 0, 0.001), clock('producer-1', 0, 0.002), clock('consumer-1', 0, 0.004)];
  const [error] = errorsOf(...lines, started(0, 0), clock('producer-0', 1, 0.003), consumed(1));
  expect(error).toBeCloseTo(0.007, 9);
});

test('clock errors of one step do not carry over to the next', () => {
  const lines = [clock('producer-0', 0, 0.005), started(0, 0), consumed(1), clock('producer-0', 2, 0.001)];
  const ended: JournalLine = { kind: 'step-ended', step: 0, elapsedSeconds: 3 };
  expect(errorsOf(...lines, ended, started(1, 3), consumed(4.5))).toEqual([0.005, 0.001]);
});
