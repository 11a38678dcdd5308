import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../../../core/units.ts';
import { seconds } from '../../../../core/clock.ts';
import { createConductor } from '../../../../loadgen/execute/conductor.ts';
import { createRunProgressSum } from '../../../../loadgen/record/run-progress-sum.ts';
import type { ProducerThread } from '../../../../loadgen/execute/threads.ts';
import type { ToThread } from '../../../../loadgen/execute/workers/thread-messages.ts';
import { createManualRunClock } from '../../../support/manual-run-clock.ts';

function producerOf(worker: string, slots: readonly number[]) {
  const told: ToThread[] = [];
  const driven: { until?: number } = {};
  const thread: ProducerThread = {
    worker,
    slots,
    get drivenUntil() {
      return driven.until;
    },
    ready: Promise.resolve(),
    done: Promise.resolve(),
    tell: (message) => void told.push(message),
    async [Symbol.asyncDispose]() {},
  };
  return { thread, told, driven };
}

/** A conductor of producers, the first of which will be lost. */
function conducting(...more: ReturnType<typeof producerOf>[]) {
  const clock = createManualRunClock();
  const [lost, heir] = [producerOf('producer-0', [0, 2]), producerOf('producer-1', [1, 3])];
  const driving = { onDriven: () => {} };
  const conductor = createConductor({
    threads: {
      producers: [lost, heir, ...more].map(({ thread }) => thread),
      consumers: [],
      tellAll: () => {},
      onLines: () => {},
      onDriven: (listener) => void (driving.onDriven = listener),
      async [Symbol.asyncDispose]() {},
    },
    clock,
    fromSeconds: 0,
    sum: createRunProgressSum([]),
    record: () => {},
  });
  return { clock, lost, heir, driving, conductor };
}

test('after the share of a lost worker was moved, only the remaining workers are waited for', async () => {
  const { clock, lost, heir, driving, conductor } = conducting();
  conductor.extend([{ kind: 'rate', from: messagesPerSecond(100), to: messagesPerSecond(100), duration: seconds(1) }]);
  expect(conductor.moveShare(lost.thread)).toBe(true);
  expect(heir.told).toEqual([{ kind: 'adopt', slots: [0, 2], fromNumber: 51 }]);

  let isDriven = false;
  void conductor.finished({ signal: new AbortController().signal }).then(() => (isDriven = true));
  await clock.advanceTo(2);
  expect(isDriven).toBe(false);
  heir.driven.until = 1;
  driving.onDriven();
  await clock.advanceTo(3);
  expect(isDriven).toBe(true);
  expect(conductor.moveShare(heir.thread)).toBe(false);
});

test('each of the other workers ends the open transaction of a lost worker, since the next may be lost with it', () => {
  const other = producerOf('producer-2', []);
  const { lost, heir, conductor } = conducting(other);
  conductor.extend([{ kind: 'rate', from: messagesPerSecond(100), to: messagesPerSecond(100), duration: seconds(1) }]);
  expect(conductor.moveShare({ ...lost.thread, transactionalId: 'run-0' })).toBe(true);
  expect(heir.told).toMatchObject([{ kind: 'adopt', fences: 'run-0' }]);
  expect(other.told).toMatchObject([{ kind: 'adopt', fences: 'run-0' }]);
});

test('in a closed loop the other workers skip all numbers that the lost worker may have sent', async () => {
  const { clock, lost, heir, conductor } = conducting();
  conductor.extend([{ kind: 'lanes', lanes: 4, duration: seconds(10) }]);
  await clock.advanceTo(2);
  expect(conductor.moveShare(lost.thread)).toBe(true);
  expect(heir.told).toEqual([{ kind: 'adopt', slots: [0, 2], fromNumber: 20_000_000 }]);
});
