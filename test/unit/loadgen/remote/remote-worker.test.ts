import { expect, test } from 'vitest';
import { type Link, FromWorker, type ToWorker } from '../../../../loadgen/remote/link.ts';
import { createRemoteWorker } from '../../../../loadgen/remote/remote-worker.ts';
import type { Assignment } from '../../../../loadgen/execute/workers/thread-messages.ts';

const nano = 1e9;
const assignment = { role: 'producer', worker: 0 } as unknown as Assignment;

/** A worker on a machine with a different monotonic clock; every round trip takes 0.1 ms. */
function remote() {
  let now = 5n * BigInt(nano);
  let ahead = 0;
  const sent: ToWorker[] = [];
  let hear: (frame: FromWorker) => void = () => {};
  const seconds: (() => void)[] = [];
  const link: Link<FromWorker, ToWorker> = {
    send: (frame) => void sent.push(frame),
    allowLargeFrames() {},
    ended: new Promise(() => {}),
    end() {},
    onFrame: (listener) => void (hear = listener),
  };
  const worker = createRemoteWorker(link, {
    name: 'east',
    clock: { sleep: () => new Promise((resolve) => seconds.push(resolve)) },
    nanoseconds: () => now,
    epochMicroseconds: () => Number(now) / 1000,
    mostSecondsOff: undefined,
  });
  /** Answers all pings so far, including those caused by the answers. */
  function answer(): void {
    for (let at = 0; at < sent.length; at++) {
      const frame = sent[at];
      if (frame?.kind !== 'ping') continue;
      sent.splice(at--, 1);
      const there = now + 50_000n + BigInt(Math.round(ahead * nano)) + 700n * BigInt(nano);
      now += 100_000n;
      const pong = { kind: 'pong', id: frame.id, nanoseconds: String(there), epochMicroseconds: Number(now) / 1000 };
      hear(FromWorker.parse(pong));
    }
  }
  async function passSeconds(count: number): Promise<void> {
    for (let second = 0; second < count; second++) {
      seconds.splice(0).forEach((wake) => wake());
      await new Promise((resolve) => setImmediate(resolve));
      answer();
    }
  }
  answer();
  const toThread = () => sent.flatMap((frame) => (frame.kind === 'tell' ? [frame.message] : []));
  return { worker, passSeconds, toThread, drift: (by: number) => void (ahead = by) };
}

const listener = { onLines() {}, onDriven() {} };

test('clock drift before the start is part of the origin and not reported again', async () => {
  const { worker, passSeconds, toThread, drift } = remote();
  await worker.ready;
  const thread = worker.startThread(assignment, listener);
  drift(0.02);
  await passSeconds(20);
  expect(toThread()).toEqual([]);
  const origin = { nanoseconds: 0n, epochMicroseconds: 0, fromSeconds: 0 };
  thread.tell({ kind: 'start', origin });
  await passSeconds(20);
  const [start, ...others] = toThread();
  const moved = start?.kind === 'start' ? Number(start.origin.nanoseconds) / nano : Number.NaN;
  expect(moved).toBeCloseTo(700.02, 3);
  expect(others).toEqual([]);
});

test('clock drift after the start is reported relative to the start', async () => {
  const { worker, passSeconds, toThread, drift } = remote();
  await worker.ready;
  const thread = worker.startThread(assignment, listener);
  drift(0.02);
  await passSeconds(20);
  thread.tell({ kind: 'start', origin: { nanoseconds: 0n, epochMicroseconds: 0, fromSeconds: 0 } });
  drift(0.03);
  await passSeconds(20);
  const last = toThread().at(-1);
  expect(last?.kind === 'clock-offset' ? last.offsetSeconds : Number.NaN).toBeCloseTo(0.01, 3);
});
