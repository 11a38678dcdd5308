// Compares the delivery check with broker offsets when the broker is killed and loses the end of a log.

import { readdirSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { driverOf } from '../../../brokers/registry.ts';
import { ClusterConfig } from '../../../brokers/config.ts';
import type { ClusterInspector, TrafficDriver } from '../../../brokers/driver.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { createDeliveryCheck } from '../../../loadgen/delivery/delivery-check.ts';
import { numberLogs } from '../../../loadgen/delivery/log-offsets.ts';
import { placeOf } from '../../../loadgen/delivery/place.ts';
import type { SendRecorder } from '../../../loadgen/delivery/send-recorder.ts';
import { fateOfFailure } from '../../../brokers/send-fate.ts';
import { startKafka } from '../../support/kafka.ts';
import { consumedLine, linesOf, producedLine, receiverBook, senderBooks, valueOf } from '../../support/delivery-run.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';

const topic = 'ledger';
const partitions = 4;
const slotCount = 64;
const slots = [0, 1].map((worker) => Array.from({ length: slotCount / 2 }, (_, slot) => 2 * slot + worker));
const within = (seconds: number) => ({ signal: AbortSignal.timeout(seconds * 1000) });

/** Sends this number of batches of ten per worker, round robin over partitions; records failures. */
async function send(
  traffic: TrafficDriver,
  books: readonly SendRecorder[],
  from: number,
  batches: number,
): Promise<void> {
  await Promise.all(
    books.map(async (book, worker) => {
      await using producer = await traffic.producer({ acks: 'leader' });
      for (let batch = from; batch < from + batches; batch++) {
        const numbers = Array.from({ length: 10 }, (_, i) => (batch * 10 + i) * 2 + worker);
        const partition = batch % partitions;
        book.sent(placeOf(0, partition), numbers);
        const values = numbers.map((number) => valueOf({ kind: 'message', number }));
        await producer.send({ topic, partition, values }, within(2)).then(
          () => book.settle(numbers, 'acknowledged', 0, numbers.length),
          (error: unknown) => book.settle(numbers, fateOfFailure(error), 0, numbers.length),
        );
      }
    }),
  );
}

/** Reads from the start; after all are read, a second member joins. @param messages that are stored */
async function consume(traffic: TrafficDriver, messages: number): Promise<JournalLine[]> {
  const seen = new Set<string>();
  const books = [receiverBook(slots, slotCount), receiverBook(slots, slotCount)];
  const join = (book: (typeof books)[number]) => {
    const leaving = new AbortController();
    const joined = Promise.withResolvers<void>();
    const done = (async () => {
      await using consumer = await traffic.consumer({ group: 'ledger', topic, from: 'start', commits: 'never' });
      await consumer.run(
        ({ partition, values, offsets }) => {
          for (const [i, value] of values.entries()) {
            book.receive(value, placeOf(0, partition), offsets[i] ?? 0, 1e15);
            seen.add(`${partition} ${offsets[i]}`);
          }
        },
        { signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(60_000)]), onAssigned: joined.resolve },
      );
    })();
    return { joined: joined.promise, leave: () => (leaving.abort(), done) };
  };
  const lines: JournalLine[] = [];
  const report = (book: (typeof books)[number]) => {
    const ledger = book.take();
    if (ledger !== undefined) lines.push(consumedLine('g', ledger));
    return lines.length;
  };
  const [one, two] = books as [(typeof books)[number], (typeof books)[number]];
  const first = join(one);
  await first.joined;
  await expect.poll(() => seen.size, { timeout: 30_000 }).toBe(messages);
  // Nothing was committed, so its partitions are redelivered to the second member.
  const second = join(two);
  await second.joined;
  await expect.poll(() => report(two), { timeout: 30_000 }).toBeGreaterThan(0);
  await Promise.all([first.leave(), second.leave()]);
  for (const book of books) report(book);
  return lines;
}

/** Returns log ends of the partitions whose broker responds. */
async function logEnds(
  inspector: ClusterInspector,
  at: 'start' | 'end' = 'end',
): Promise<Extract<JournalLine, { kind: 'log-offsets' }>> {
  const { offsets } = await inspector.snapshot(within(10), { topics: [topic], groups: [] });
  return { kind: 'log-offsets', elapsedSeconds: 0, at, places: numberLogs(offsets, [topic])(offsets) };
}

if (fullMatrix) {
  requires('java', 'maven').test(
    'acknowledged messages lost with the end of a log are counted per partition, in agreement with offsets',
    async () => {
      await using kafka = await startKafka({ brokers: 1 });
      const config = ClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      const driver = driverOf(config);
      await using admin = await driver.administer('lab', config, within(60));
      await admin.createTopic({ name: topic, partitions, replicationFactor: 1 }, within(60));
      await using inspector = await driver.inspect('lab', config, within(60));
      await using traffic = await driver.traffic('lab', config, within(60));
      const ledger = createDeliveryCheck({ topics: [topic], groups: ['g'] });
      const lines: JournalLine[] = [await logEnds(inspector, 'start')];
      const books = senderBooks(slots, slotCount);

      await send(traffic, books, 0, 100);
      const broker = undertakerOf(kafka.brokers[0]?.pid ?? 0);
      const sending = send(traffic, books, 100, 60);
      await broker.end('SIGKILL');
      cutTail(dirname(kafka.configPath), `${topic}-0`, 0.6);
      broker.revive();
      await sending;
      await expect
        .poll(() => logEnds(inspector).then(({ places }) => places.length), { timeout: 60_000 })
        .toBe(partitions);
      await send(traffic, books, 200, 40);

      const after = await logEnds(inspector);
      const stored = after.places.reduce((sum, { end }) => sum + end, 0);
      for (const book of books) lines.push(producedLine(book.take() ?? { attempt: 1 }));
      lines.push(...(await consume(traffic, stored)), after);
      for (const line of lines) ledger.add(line);
      const account = await ledger.account(() => linesOf(lines));

      process.stdout.write(`${JSON.stringify(account)}\n`);
      const [group] = account.groups;
      expect(account.sent).toBe(4000);
      expect(group?.lost).toBeGreaterThan(0);
      expect(group?.redelivered).toBeGreaterThan(0);
      expect(group?.places.filter(({ lost }) => lost !== undefined).map(({ partition }) => partition)).toEqual([0]);
      expect(group).toMatchObject({
        unread: 0,
        corrupted: 0,
        foreign: 0,
        untoldButDelivered: 0,
        refusedButDelivered: 0,
      });
      expect(account.agreement).toMatchObject({ agrees: true, grown: stored, disagreements: [] });
      // Every stored message was acknowledged and not lost, or its outcome is unknown.
      expect(account.acknowledged - (group?.lost ?? 0) + (group?.unknownFateButDelivered ?? 0)).toBe(
        stored - (group?.duplicated ?? 0),
      );
    },
    240_000,
  );
}

/** Simulates a disk that has not written the end of a partition's log; the broker drops the truncated batch. */
function cutTail(folder: string, partition: string, keep: number): void {
  const log = (readdirSync(folder, { recursive: true }) as string[]).find(
    (path) => path.includes(`${partition}/`) && path.endsWith('.log'),
  );
  if (log === undefined) throw new Error(`no log of ${partition} in ${folder}`);
  const path = join(folder, log);
  truncateSync(path, Math.floor(statSync(path).size * keep));
}
