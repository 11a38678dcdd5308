import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { createDeliveryCheck } from '../../../../loadgen/delivery/delivery-check.ts';
import { placeOf } from '../../../../loadgen/delivery/place.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';
import { createRunAccount } from '../../../../loadgen/record/run-account.ts';
import { consumedLine, linesOf, producedLine, receiverBook, valueOf } from '../../../support/delivery-run.ts';
import {
  slotCount,
  slots,
  numbers,
  message,
  sent,
  given,
  logEnds,
  at,
  resumed,
  accountOf,
} from '../../../support/delivery-check-lines.ts';

test('the same number in two attempts counts as two messages', async () => {
  const { groups, ...account } = await accountOf([
    logEnds(0),
    sent('acknowledged', numbers(10)),
    sent('acknowledged', numbers(10), 2),
    given(numbers(10)),
    given(numbers(4), 10, 2),
    logEnds(14),
  ]);
  expect(account).toMatchObject({ sent: 20, acknowledged: 20 });
  expect(groups[0]).toMatchObject({ received: 14, lost: 6, duplicated: 0 });
  expect(groups[0]?.places).toEqual([{ topic: 't', partition: 0, lost: 6 }]);
});

test('messages deleted with their topic before they were read are not lost, and new offsets are not rereads', async () => {
  const { groups, agreement, ...account } = await accountOf([
    logEnds(0),
    sent('acknowledged', numbers(10)),
    given(numbers(4)),
    logEnds(10),
    { ...resumed, inNewTopics: true },
    at('start', logEnds(0)),
    sent('acknowledged', numbers(7), 2),
    given(numbers(6), 0, 2),
    logEnds(7),
  ]);
  expect(account).toMatchObject({ sent: 17, acknowledged: 17, unknownFate: 0, isExact: true });
  expect(groups[0]).toMatchObject({ received: 10, lost: 0, unread: 7, redelivered: 0, rewritten: 0 });
  expect(groups[0]?.places).toEqual([{ topic: 't', partition: 0, unread: 7 }]);
  expect(agreement).toEqual({
    partitions: 1,
    notCompared: 0,
    grown: 17,
    acknowledged: 17,
    unknownFate: 0,
    agrees: true,
    disagreements: [],
  });
});

test('topics that were deleted before their end was read cannot agree', async () => {
  const { groups, agreement } = await accountOf([
    logEnds(0),
    sent('acknowledged', numbers(10)),
    { ...resumed, inNewTopics: true },
    at('start', logEnds(0)),
    sent('acknowledged', numbers(7), 2),
    given(numbers(7), 0, 2),
    logEnds(7),
  ]);
  expect(groups[0]).toMatchObject({ lost: 0, unread: 10 });
  expect(agreement).toMatchObject({ agrees: false, notCompared: 1, grown: 7 });
});

test('messages that a log lost are lost for later readers, even if another group received them', async () => {
  const before = [logEnds(0), sent('acknowledged', numbers(10)), given(numbers(10))];
  const after = [sent('acknowledged', numbers(3, 10)), given(numbers(3, 10), 4), logEnds(7)];
  const late = [given(numbers(4)), given(numbers(3, 10), 4)].map((line) => ({ ...line, group: 'late' }) as JournalLine);
  const both = await accountOf([...before, ...after, ...late], { groups: ['g', 'late'] });
  expect(both.groups).toMatchObject([
    { lost: 0, rewritten: 3 },
    { lost: 6, rewritten: 0 },
  ]);
  expect(both.agreement).toMatchObject({ agrees: true, grown: 7, acknowledged: 13 });
  const { agreement } = await accountOf([...before, ...after]);
  expect(agreement?.disagreements).toMatchObject([{ grown: 7, reason: '6 messages are missing that must be there' }]);
});

test('a queue added during the run must hold what was sent to it, and may have held more before', async () => {
  const after = (end: number): JournalLine => ({
    kind: 'log-offsets',
    elapsedSeconds: 9,
    at: 'end',
    places: [
      { topic: 't', partition: 0, start: 0, end: 0 },
      { topic: 't', partition: 1, start: 0, end, isAdded: true },
    ],
  });
  const agreementOf = async (end: number) =>
    (await accountOf([logEnds(0), sent('acknowledged', numbers(4), 1, 1), after(end)], { groups: [] })).agreement;
  expect(await agreementOf(4)).toMatchObject({ agrees: true, partitions: 2, notCompared: 0 });
  expect(await agreementOf(9)).toMatchObject({ agrees: true });
  expect((await agreementOf(3))?.disagreements).toMatchObject([{ partition: 1, grown: 3, least: 4 }]);
});

const delayed = { delayed: true };
const tenSentSixThere = [logEnds(0), sent('acknowledged', numbers(10)), given(numbers(6))];

test('delayed messages that the broker still holds are pending, neither lost nor a disagreement', async () => {
  const { groups, agreement } = await accountOf([...tenSentSixThere, logEnds(6, 0, 0, 4)], delayed);
  expect(groups[0]).toMatchObject({ received: 6, lost: 0, unread: 0, pending: 4 });
  expect(groups[0]?.places).toEqual([{ topic: 't', partition: 0, pending: 4 }]);
  expect(agreement).toMatchObject({ agrees: true, grown: 6, disagreements: [] });
});

test('messages missing beyond the pending ones are lost, and those in the log are unread', async () => {
  const short = await accountOf([...tenSentSixThere, logEnds(6, 0, 0, 3)], delayed);
  expect(short.groups[0]).toMatchObject({ lost: 1, pending: 3 });
  const none = await accountOf([...tenSentSixThere, logEnds(6, 0, 0, 0)], delayed);
  expect(none.groups[0]).toMatchObject({ lost: 4 });
  expect(none.groups[0]).not.toHaveProperty('pending');
  const there = await accountOf([...tenSentSixThere, logEnds(8, 0, 0, 9)], delayed);
  expect(there.groups[0]).toMatchObject({ lost: 0, unread: 2, pending: 2 });
});

test('if the broker does not report delayed messages, missing ones are unread and its log is not compared', async () => {
  const { groups, agreement } = await accountOf([...tenSentSixThere, logEnds(6)], delayed);
  expect(groups[0]).toMatchObject({ lost: 0, unread: 4 });
  expect(agreement).toMatchObject({ agrees: false, notCompared: 1, disagreements: [] });
});

test('without a delay nothing is pending, even if brokers hold delayed messages of others', async () => {
  const { groups } = await accountOf([...tenSentSixThere, logEnds(6, 0, 0, 4)]);
  expect(groups[0]).toMatchObject({ lost: 4 });
});

test('without consumers, a log that lacks only delayed messages agrees', async () => {
  const { agreement } = await accountOf([logEnds(0), sent('acknowledged', numbers(10)), logEnds(6, 0, 0, 4)], {
    ...delayed,
    groups: [],
  });
  expect(agreement).toMatchObject({ agrees: true });
});

test('messages sent by a producer that died before reporting are neither lost nor of unknown fate', async () => {
  const { groups, sent: count, unknownFate } = await accountOf([sent('acknowledged', numbers(5)), given(numbers(8))]);
  expect([count, unknownFate]).toEqual([5, 0]);
  expect(groups[0]).toMatchObject({ received: 8, lost: 0, untoldButDelivered: 3, unknownFateButDelivered: 0 });
});

test('refused messages that were delivered are reported', async () => {
  const { groups, refused } = await accountOf([sent('refused', numbers(5)), given(numbers(2))]);
  expect(refused).toBe(5);
  expect(groups[0]).toMatchObject({ refusedButDelivered: 2, lost: 0 });
});

test('without the end of the logs missing messages are unread and not lost', async () => {
  const { groups, agreement } = await accountOf([sent('acknowledged', numbers(5)), given(numbers(2))]);
  expect(groups[0]).toMatchObject({ lost: 0, unread: 3 });
  expect(agreement).toBeUndefined();
});

test('messages deleted by retention before they were read are expired, neither lost nor a disagreement', async () => {
  const lines = [logEnds(0), sent('acknowledged', numbers(10)), given(numbers(4)), logEnds(10, 7)];
  const { groups, agreement } = await accountOf(lines);
  expect(groups[0]).toMatchObject({ lost: 0, unread: 6, expired: 3 });
  expect(groups[0]?.places).toEqual([{ topic: 't', partition: 0, unread: 6, expired: 3 }]);
  expect(agreement?.agrees).toBe(true);
});

test('messages of a truncated log are lost, even if retention deleted others before they were read', async () => {
  // Two of ten were overwritten; of the eight in the log, three were read and four deleted.
  const lines = [logEnds(0), sent('acknowledged', numbers(10)), given(numbers(3)), logEnds(8, 7)];
  expect((await accountOf(lines)).groups[0]).toMatchObject({ lost: 2, unread: 5, expired: 4 });
});

test('messages deleted by retention after they were read are not expired', async () => {
  const lines = [logEnds(0), sent('acknowledged', numbers(10)), given(numbers(10)), logEnds(10, 7)];
  expect((await accountOf(lines)).groups[0]).not.toHaveProperty('expired');
});

test('log offsets first read in a later attempt do not count as those before the first message', async () => {
  const attempts = [
    sent('acknowledged', numbers(10)),
    given(numbers(10)),
    resumed,
    at('start', logEnds(10)),
    sent('acknowledged', numbers(5), 2),
    given(numbers(5), 10, 2),
    at('end', logEnds(15)),
  ];
  expect(await accountOf(attempts)).not.toHaveProperty('agreement');
  const { agreement, groups } = await accountOf([at('start', logEnds(0)), ...attempts]);
  expect(agreement).toMatchObject({ agrees: true, grown: 15, acknowledged: 15 });
  expect(groups[0]).toMatchObject({ lost: 0, unread: 0 });
});

test('a resumed run that was killed again has no log end to compare with', async () => {
  const { agreement, groups } = await accountOf([
    at('start', logEnds(0)),
    sent('acknowledged', numbers(10)),
    given(numbers(10)),
    at('end', logEnds(10)),
    resumed,
    at('start', logEnds(10)),
    sent('acknowledged', numbers(5), 2),
  ]);
  expect(agreement).toBeUndefined();
  expect(groups[0]).toMatchObject({ lost: 0, unread: 5 });
});

test('a log that was truncated and rewritten is reported by offsets delivered twice', async () => {
  const { groups } = await accountOf([
    logEnds(0),
    sent('acknowledged', numbers(15)),
    given(numbers(10)),
    given(numbers(5, 10), 7),
    logEnds(12),
  ]);
  expect(groups[0]).toMatchObject({ lost: 0, rewritten: 3, redelivered: 0, duplicated: 0 });
});

test('transaction markers are neither unread nor a disagreement', async () => {
  const lines = [
    logEnds(0),
    sent('acknowledged', numbers(9)),
    given(numbers(4), 0),
    given(numbers(4, 4), 5),
    logEnds(11),
  ];
  const { groups, agreement } = await accountOf(lines, { transactions: true });
  expect(groups[0]).toMatchObject({ lost: 1, unread: 0 });
  expect(agreement).toMatchObject({ agrees: true, note: expect.stringContaining('markers') });
  expect((await accountOf(lines)).groups[0]).toMatchObject({ lost: 0, unread: 1 });
});

test('RocketMQ transactions leave no markers in the topic, so the last offset is unread and nothing is lost', async () => {
  const { ledger } = createRunAccount({
    broker: 'rocketmq',
    cluster: 'lab',
    environment: { brokers: [], hosts: [], generatorHost: 'generator' },
    replicationFactor: 1,
    workload: completeWorkload(WorkloadFile.parse({ transactions: {} }), { messageSize: '500B', rates: [100] }),
    topics: ['t'],
    groups: ['g'],
    calibration: undefined,
    proxy: undefined,
    signed: false,
  });
  const lines = [logEnds(0), sent('acknowledged', numbers(9)), given(numbers(8)), logEnds(9)];
  for (const line of lines) ledger?.add(line);
  const account = await ledger?.account(() => linesOf(lines));
  expect(account?.groups[0]).toMatchObject({ lost: 0, unread: 1 });
});

test('a group that should read everything and received nothing is listed', async () => {
  const { groups } = await accountOf([sent('acknowledged', numbers(5))], { groups: ['g', 'h'] });
  expect(groups.map(({ group, received, unread }) => [group, received, unread])).toEqual([
    ['g', 0, 5],
    ['h', 0, 5],
  ]);
});

test('partitions whose offsets disagree are named with both counts', async () => {
  const lost = await accountOf([logEnds(100), sent('acknowledged', numbers(10)), logEnds(107)], { groups: [] });
  expect(lost.agreement).toMatchObject({
    agrees: false,
    grown: 7,
    acknowledged: 10,
    disagreements: [{ topic: 't', partition: 0, grown: 7, least: 10, most: 10, reason: expect.stringMatching(/^3 /) }],
  });
  const more = await accountOf([logEnds(0), sent('unknownFate', numbers(2)), logEnds(3)], { groups: [] });
  expect(more.agreement?.disagreements).toMatchObject([{ grown: 3, least: 0, most: 2 }]);
  const back = await accountOf([logEnds(9), logEnds(3)], { groups: [] });
  expect(back.agreement?.disagreements).toMatchObject([{ reason: expect.stringContaining('end offset decreased') }]);
});

test('a partition with an unknown end is not compared', async () => {
  const lines = [logEnds(0, 0, 0), sent('acknowledged', numbers(3), 1, 0), logEnds(0, 0, 1)];
  expect((await accountOf(lines, { groups: [] })).agreement).toMatchObject({ agrees: false, notCompared: 1 });
});

/** Ends of queues 0 and 1, which are summed if a proxy chooses between them. */
const twoLogs = (...ends: number[]): JournalLine => ({
  kind: 'log-offsets',
  elapsedSeconds: 0,
  at: 'end',
  places: ends.map((end, partition) => ({ topic: 't', partition, start: 0, end })),
});

test('the offsets recorded for a group end where the next attempt starts reading', () => {
  const ledger = createDeliveryCheck({ topics: ['t'], groups: ['g', 'idle'] });
  for (const line of [at('start', twoLogs(3, 7)), given(numbers(4), 3), given(numbers(2, 4), 9)]) ledger.add(line);
  expect([...ledger.recordedTo('g')]).toEqual([
    [placeOf(0, 0), 11],
    [placeOf(0, 1), 7],
  ]);
  expect([...ledger.recordedTo('idle').values()]).toEqual([3, 7]);
  ledger.add({ ...resumed, inNewTopics: true });
  expect([...ledger.recordedTo('g')]).toEqual([]);
});

test('the journal is not read again if no message is missing', async () => {
  const ledger = createDeliveryCheck({ topics: ['t'], groups: ['g'] });
  const book = receiverBook([slots], slotCount);
  for (const [offset, number] of numbers(5).entries()) book.receive(valueOf(message(number)), 0, offset, 1e15);
  for (const line of [sent('acknowledged', numbers(5)), consumedLine('g', book.take() ?? {})]) ledger.add(line);
  const account = await ledger.account(() => {
    throw new Error('read again');
  });
  expect(account).toMatchObject({ acknowledged: 5, groups: [{ received: 5, lost: 0, unread: 0 }] });
});

test('corrupted sets of numbers are an error of the journal', () => {
  const ledger = createDeliveryCheck({ topics: ['t'], groups: [] });
  expect(() => ledger.add(producedLine({ attempt: 1, acknowledged: '////' }))).toThrow(
    expect.objectContaining({ code: 'run-unreadable' }),
  );
});
