import { expect, test } from 'vitest';
import type { Workload } from '../../../../loadgen/plan/workload.ts';
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
  const seen = await readEnds({ before: endingAt(20), read }, { acks, ...of, acknowledged: 1000 }, clock);
  return { end: seen?.places[0]?.end, waited: now - 100 };
}

test('messages acknowledged only by a leader are waited for until a lost replica has left the ISR', async () => {
  const shown = (second: number) => (second < 9 ? 400 : 1000);
  expect(await readWith('leader', shown)).toEqual({ end: 1020, waited: 9 });
  expect(await readWith('all', shown)).toEqual({ end: 420, waited: 0 });
  expect(await readWith('leader', () => 400, { transactions: {} })).toEqual({ end: 420, waited: 0 });
});

test('the wait for lost messages ends', async () => {
  expect(await readWith('leader', () => 400)).toEqual({ end: 420, waited: 50 });
});

test('unresponsive brokers and messages that are stored later are not waited for', async () => {
  expect(await readWith('leader', () => undefined)).toEqual({ end: undefined, waited: 0 });
  expect(await readWith('leader', (second) => (second < 3 ? 400 : undefined))).toEqual({ end: 420, waited: 3 });
  expect(await readWith('leader', () => 400, { delay: { level: 3 } })).toEqual({ end: 420, waited: 0 });
  expect(await readWith('leader', () => 400, { transactions: {} })).toEqual({ end: 420, waited: 0 });
});
