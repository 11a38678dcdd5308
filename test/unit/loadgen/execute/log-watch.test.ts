import { expect, test } from 'vitest';
import type { Workload } from '../../../../loadgen/plan/workload.ts';
import type { RunProgress } from '../../../../loadgen/record/progress.ts';
import { readEnds, type LogsSeen } from '../../../../loadgen/execute/log-watch.ts';

const endingAt = (end: number): LogsSeen => ({ places: [{ topic: 'orders', partition: 0, start: 0, end }] });

/** A partition whose visible messages depend on the second of the wait. */
async function readWith(
  acks: 'all' | 'leader',
  shownAt: (second: number) => number | undefined,
  of: Partial<Workload> = {},
) {
  let now = 100;
  const clock = {
    elapsed: () => now,
    sleepUntil: (moment: number) => {
      now = moment;
      return Promise.resolve();
    },
  };
  const read = () => {
    const shown = shownAt(now - 100);
    return Promise.resolve(shown === undefined ? undefined : endingAt(20 + shown));
  };
  const progress: RunProgress[] = [];
  const workload = { acks, ...of, acknowledged: 1000 };
  const seen = await readEnds({ before: endingAt(20), read }, workload, clock, (each) => progress.push(each));
  return { end: seen?.places[0]?.end, waited: now - 100, progress };
}

test('messages acknowledged only by a leader are waited for until a lost replica has left the ISR', async () => {
  const shown = (second: number) => (second < 9 ? 400 : 1000);
  expect(await readWith('leader', shown)).toMatchObject({ end: 1020, waited: 9 });
  expect(await readWith('all', shown)).toMatchObject({ end: 420, waited: 0 });
  expect(await readWith('leader', () => 400, { transactions: {} })).toMatchObject({ end: 420, waited: 0 });
});

test('the wait for lost messages ends, and is reported once unless it takes less than a second', async () => {
  expect(await readWith('leader', () => 400)).toEqual({
    end: 420,
    waited: 50,
    progress: [{ kind: 'awaits-ends', messages: 600, seconds: 50 }],
  });
  expect(await readWith('leader', (second) => (second < 1 ? 400 : 1000))).toMatchObject({ waited: 1, progress: [] });
});

test('unresponsive brokers and messages that are stored later are not waited for', async () => {
  expect(await readWith('leader', () => undefined)).toMatchObject({ end: undefined, waited: 0 });
  expect(await readWith('leader', (second) => (second < 3 ? 400 : undefined))).toMatchObject({ end: 420, waited: 3 });
  expect(await readWith('leader', () => 400, { delay: { level: 3 } })).toMatchObject({ end: 420, waited: 0 });
  expect(await readWith('leader', () => 400, { transactions: {} })).toMatchObject({ end: 420, waited: 0 });
});
