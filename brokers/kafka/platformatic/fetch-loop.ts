// How do messages come from every leader at once? Each is long-polled on a connection of its own, until the signal aborts.

import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { untilAborted } from '../../../core/abort.ts';
import { systemClock } from '../../../core/clock.ts';
import type { ConsumerOptions, Io } from '../../driver.ts';
import { ask } from '../wire/ask.ts';
import type { Connections } from '../wire/connections.ts';
import type { Deliveries } from './deliveries.ts';
import { createFetchSession } from './fetch-session.ts';
import { fetchRecords, type FetchedPartition } from './fetch.ts';
import { untilFirstEnds } from './first-to-end.ts';
import type { Leaders } from './leaders.ts';
import { readRecordBatches } from './record-batch.ts';
import { byLeader, checkMoved, electionPause } from './start-positions.ts';

export interface FetchLoopTools {
  connections: Connections;
  leaders: Leaders;
  deliveries: Deliveries;
}

/** @throws AppError as a leader answers for good, and what a callback throws at once */
export async function fetchAll(
  { connections, leaders, deliveries }: FetchLoopTools,
  { topic, readCommitted = false, withKeys = false }: ConsumerOptions,
  io: Io,
): Promise<void> {
  const memories = createMemories();
  while (!io.signal.aborted) {
    const partitions = [...deliveries.positions.keys()];
    const led = [...(await byLeader(leaders, topic, partitions, io))];
    const works = led.map(
      ([address, own]) =>
        (roundIo: Io) =>
          poll(address, own, roundIo),
    );
    const isLedWhole = led.reduce((sum, [, own]) => sum + own.length, 0) === partitions.length;
    // A leader that lost a partition ends its poll, and all are asked again; a partition without one is not waited for long.
    if (!isLedWhole) works.push((roundIo) => systemClock.sleep(electionPause, roundIo));
    await untilFirstEnds(works, io);
    leaders.forget(topic);
    await systemClock.sleep(electionPause, io);
  }

  async function poll(address: string, own: readonly number[], { signal }: Io): Promise<void> {
    const connection = await connections.to(address, { signal }, 'fetch');
    const session = createFetchSession();
    while (!signal.aborted) {
      const free = deliveries.free(own);
      if (free.length === 0) {
        await untilAborted(deliveries.next(), signal);
        continue;
      }
      const stands = free.map((partition) => ({ partition, offset: deliveries.positions.get(partition) ?? 0n }));
      const request = { ...session.request(stands), isCommittedOnly: readCommitted };
      const attempt = { action: `read ${topic}`, address };
      const answer = await ask(connection, attempt, { signal }, fetchRecords, topic, request);
      if (!session.accept(answer)) continue;
      for (const fetched of answer.partitions) {
        checkMoved(topic, fetched.partition, fetched.errorCode, address);
        if (fetched.errorCode !== 0) return;
        handOver(fetched);
      }
      // Callbacks that wait for nothing but a promise are through then, and their partitions asked for again.
      if (deliveries.free(own).length < own.length) await turnOfTheLoop();
    }
  }

  function handOver({ partition, gather, aborted }: FetchedPartition): void {
    const from = deliveries.positions.get(partition) ?? 0n;
    const memory = memories.take();
    const { next, ...read } = readRecordBatches(gather(memory.ofSize), from, { withKeys, aborted });
    if (next === undefined) return memory.giveBack();
    if (read.values.length === 0) deliveries.skip(partition, next);
    else {
      const held = deliveries.deliver({ topic, partition, ...read }, next);
      if (held !== undefined) return void held.then(memory.giveBack);
    }
    memory.giveBack();
  }
}

interface Memory {
  ofSize(size: number): Buffer;
  giveBack(): void;
}

/**
 * What one partition brought makes room for the next when its callback is through: new memory for each mebibyte costs more than the
 * copy into it, and then its collection.
 */
function createMemories(): { take(): Memory } {
  const idle: Memory[] = [];
  return {
    take() {
      const known = idle.pop();
      if (known !== undefined) return known;
      let bytes: Buffer | undefined;
      const memory: Memory = {
        ofSize(size) {
          if (bytes === undefined || bytes.length < size) bytes = Buffer.allocUnsafeSlow(size);
          return bytes;
        },
        giveBack: () => void idle.push(memory),
      };
      return memory;
    },
  };
}
