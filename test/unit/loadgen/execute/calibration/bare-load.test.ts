import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../../core/documents/run-bundle.ts';
import { spread } from '../../../../../loadgen/execute/calibration/calibrate.ts';
import { figuresOf } from '../../../../../loadgen/execute/calibration/bare-load.ts';
import { createLatencyRecorder } from '../../../../../loadgen/record/latency.ts';

function line(worker: string, elapsedSeconds: number, acknowledged: number, cpuSeconds: number) {
  const recorder = createLatencyRecorder();
  for (let i = 0; i < acknowledged; i++) recorder.record(0.001);
  const histogram = recorder.take();
  return {
    kind: 'produced',
    elapsedSeconds,
    intervalSeconds: 0.5,
    worker,
    intended: acknowledged,
    sent: acknowledged,
    acknowledged,
    failed: 1,
    requests: 1,
    bytes: 1,
    latency: histogram,
    sendDelay: histogram,
    service: histogram,
    eventLoopUtilisation: cpuSeconds,
    eventLoopDelayMaxSeconds: 0,
    cpuSeconds,
  } satisfies JournalLine;
}

test('messages of all workers are summed over the same time, and the load is that of the busiest worker', () => {
  const lines = [line('a', 1, 10, 0.1), line('a', 1.5, 20, 0.3), line('b', 1, 30, 0.05), line('b', 1.5, 40, 0.05)];
  const figures = figuresOf(lines);
  expect(figures).toMatchObject({ messages: 100, seconds: 1, failedSends: 4, workerCpu: 0.4 });
  expect(figures.eventLoopUtilisation).toBeCloseTo(0.2);
  expect(figures.service?.p50).toBeCloseTo(0.001);
});

test('a load that sent nothing has a duration of 0 and no rate', () => {
  expect(figuresOf([])).toEqual({ messages: 0, seconds: 0, failedSends: 0, workerCpu: 0, eventLoopUtilisation: 0 });
});

test.each([
  [[], []],
  [
    [5, 1, 5],
    [1, 5],
  ],
  [
    [4, 3, 2, 1],
    [1, 3, 4],
  ],
])('of the loads %o, floors are measured at %o', (loads, floors) => expect(spread(loads)).toEqual(floors));
