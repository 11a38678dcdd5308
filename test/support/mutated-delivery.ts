// Changes one message per partition on the way to a broker, and reads the delivery check.

import { expect } from 'vitest';
import type { TrafficDriver } from '../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { DeliveryAccount } from '../../core/documents/delivery-account.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { createDeliveryCheck } from '../../loadgen/delivery/delivery-check.ts';
import { numberLogs } from '../../loadgen/delivery/log-offsets.ts';
import { placeOf } from '../../loadgen/delivery/place.ts';
import { consumedLine, linesOf, producedLine, receiverBook, senderBooks, valueOf } from './delivery-run.ts';

type Values = readonly Buffer[];

/** Mutations by partition: each changes the values of one batch, without the delivery check's knowledge. */
export const mutations: readonly ((values: Values) => Buffer[])[] = [
  function lose(values) {
    return values.slice(1);
  },
  function double([first = Buffer.alloc(0), ...others]) {
    return [first, first, ...others];
  },
  function swap([first = Buffer.alloc(0), second = Buffer.alloc(0), ...others]) {
    return [second, first, ...others];
  },
  function damage([first = Buffer.alloc(0), ...others]) {
    const damaged = Buffer.from(first);
    damaged[30] = (damaged[30] ?? 0) ^ 1;
    return [damaged, ...others];
  },
];

const batches = 5;
const batchMessages = 10;
/** Index of the changed batch of each partition. */
const changed = 2;
const slots = [[0]];

/** @param offsets current ones of the topic, reported by the brokers */
export async function mutatedAccount(
  topic: string,
  traffic: TrafficDriver,
  offsets: () => Promise<ClusterSnapshot['offsets']>,
): Promise<DeliveryAccount> {
  const ledger = createDeliveryCheck({ topics: [topic], groups: ['g'] });
  const before = await offsets();
  const number = numberLogs(before, [topic]);
  const logs = (at: 'start' | 'end', seen: ClusterSnapshot['offsets']): JournalLine => ({
    kind: 'log-offsets',
    elapsedSeconds: 0,
    at,
    places: number(seen),
  });
  const lines = [logs('start', before)];

  const sender = senderBooks(slots, 1)[0];
  const signal = AbortSignal.timeout(60_000);
  let stored = 0;
  {
    await using producer = await traffic.producer({ acks: 'all' });
    for (let batch = 0; batch < batches * mutations.length; batch++) {
      const partition = batch % mutations.length;
      const numbers = Array.from({ length: batchMessages }, (_, i) => batch * batchMessages + i);
      const intact = numbers.map((each) => valueOf({ kind: 'message', number: each }));
      const isChanged = Math.floor(batch / mutations.length) === changed;
      const values = isChanged ? (mutations[partition]?.(intact) ?? intact) : intact;
      sender?.sent(placeOf(0, partition), numbers);
      await producer.send({ topic, partition, values }, { signal });
      sender?.settle(numbers, 'acknowledged', 0, numbers.length);
      stored += values.length;
    }
  }
  lines.push(producedLine(sender?.take() ?? { attempt: 1 }));

  const receiver = receiverBook(slots, 1);
  const leaving = new AbortController();
  let received = 0;
  await using consumer = await traffic.consumer({ group: 'g', topic, from: 'start', commits: 'never' });
  const reading = consumer.run(
    ({ partition, values, offsets: at }) => {
      for (const [i, value] of values.entries()) receiver.receive(value, placeOf(0, partition), at[i] ?? 0, 1e15);
      received += values.length;
    },
    { signal: AbortSignal.any([leaving.signal, signal]) },
  );
  await expect.poll(() => received, { timeout: 30_000 }).toBe(stored);
  leaving.abort();
  await reading;
  lines.push(consumedLine('g', receiver.take() ?? {}), logs('end', await offsets()));
  for (const line of lines) ledger.add(line);
  return await ledger.account(() => linesOf(lines));
}
