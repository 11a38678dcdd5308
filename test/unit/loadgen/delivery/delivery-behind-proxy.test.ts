import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { unknownPlaceOf } from '../../../../loadgen/delivery/place.ts';
import { createReceiveRecorder } from '../../../../loadgen/delivery/receive-recorder.ts';
import { consumedLine, markOf, valueOf } from '../../../support/delivery-run.ts';
import { slotCount, numbers, message, sent, given, accountOf, resumed } from '../../../support/delivery-check-lines.ts';

/** Ends of queues 0 and 1, which are summed if a proxy chooses between them. */
const twoLogs = (...ends: number[]): JournalLine => ({
  kind: 'log-offsets',
  elapsedSeconds: 0,
  at: 'end',
  places: ends.map((end, partition) => ({ topic: 't', partition, start: 0, end })),
});

test('messages whose queue a proxy chose are compared with all queues of the topic together', async () => {
  const lines = [twoLogs(2, 5), sent('acknowledged', numbers(10), 1, unknownPlaceOf(0))];
  const whole = await accountOf([...lines, twoLogs(8, 9)], { groups: [] });
  expect(whole.agreement).toMatchObject({
    agrees: true,
    grown: 10,
    partitions: 2,
    note: expect.stringMatching(/^a proxy/),
  });
  const short = await accountOf([...lines, twoLogs(8, 8)], { groups: [] });
  expect(short.agreement).toMatchObject({ disagreements: [{ topic: 't', grown: 9, least: 10, most: 10 }] });
  expect(short.agreement?.disagreements[0]).not.toHaveProperty('partition');
  const unread = await accountOf([...lines, twoLogs(12)], { groups: [] });
  expect(unread.agreement).toMatchObject({ agrees: false, notCompared: 1 });
});

test('behind a proxy the log of a killed and resumed run may hold more than was recorded', async () => {
  const lines = [twoLogs(0, 0), sent('acknowledged', numbers(10), 1, unknownPlaceOf(0))];
  const again = sent('acknowledged', numbers(10), 2, unknownPlaceOf(0));
  const attempts = await accountOf([...lines, resumed, again, twoLogs(11, 10)], { groups: [] });
  expect(attempts.agreement).toMatchObject({ agrees: true, grown: 21, acknowledged: 20 });
  const one = await accountOf([...lines, twoLogs(1, 10)], { groups: [] });
  expect(one.agreement).toMatchObject({ agrees: false, grown: 11 });
});

test('behind a proxy, missing messages are lost if the group received all offsets, otherwise unread', async () => {
  const lines = [twoLogs(0, 0), sent('acknowledged', numbers(10), 1, unknownPlaceOf(0)), given(numbers(7))];
  expect((await accountOf([...lines, twoLogs(7, 0)])).groups[0]).toMatchObject({
    lost: 3,
    unread: 0,
    places: [{ topic: 't', lost: 3 }],
  });
  expect((await accountOf([...lines, twoLogs(7, 2)])).groups[0]).toMatchObject({ lost: 1, unread: 2 });
});

test('a message that a broker redelivers from elsewhere is redelivered, neither duplicated nor reordered', async () => {
  const again = createReceiveRecorder({ marks: [{ attempt: 1, mark: markOf(1) }], slotCount, senders: [] });
  for (const [offset, number] of numbers(3).toReversed().entries()) {
    again.receive(valueOf(message(number), markOf(1)), unknownPlaceOf(0), offset, 1e15);
  }
  const { groups, agreement } = await accountOf([
    twoLogs(0, 0),
    sent('acknowledged', numbers(5), 1, unknownPlaceOf(0)),
    given(numbers(5)),
    consumedLine('g', again.take() ?? {}),
    twoLogs(5, 0),
  ]);
  expect(groups[0]).toMatchObject({ received: 5, redelivered: 3, duplicated: 0, rewritten: 0, reordered: 0 });
  expect(agreement?.agrees).toBe(true);
});
