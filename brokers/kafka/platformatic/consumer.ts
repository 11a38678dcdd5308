// How does a group member get what is written? Long-polls every leader at once, hands raw values on, commits each second.

import { listOffsetsV6 } from '@platformatic/kafka';
import { systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/units.ts';
import type { OnBatch, Io, TrafficConsumer } from '../../driver.ts';
import type { KafkaCluster } from '../client.ts';
import { kafkaErrorNamed } from '../errors.ts';
import { ask, askForParts } from '../wire/ask.ts';
import { createConnections, lenient } from '../wire/connections.ts';
import { createFetchSession } from './fetch-session.ts';
import { fetchRecords } from './fetch.ts';
import { untilFirstEnds } from './first-to-end.ts';
import { createGroupMember, type GroupMember } from './group-member.ts';
import { createLeaders, movedErrors } from './leaders.ts';
import { readRecordBatches } from './record-batch.ts';

const commitInterval = seconds(1);
/** Saying good-bye may not hold up who stops. */
const farewellMs = 1500;
/** Pause before an election is looked at again. */
const electionPause = seconds(0.2);
const latest = -1n;

export function createConsumer({ name, config }: KafkaCluster, group: string, topic: string): TrafficConsumer {
  const connections = createConnections(name, config, lenient);
  const leaders = createLeaders(connections);

  /** Where the group has committed, else the end of the log; that end is committed at once, so that a rebalance cannot move it. */
  async function startingPositions(
    member: GroupMember,
    partitions: readonly number[],
    io: Io,
  ): Promise<Map<number, bigint>> {
    if (partitions.length === 0) return new Map();
    const committed = await member.committed(partitions, io);
    const fresh = partitions.filter((partition) => !committed.has(partition));
    const ends = await endsOf(fresh, io);
    await member.commit(ends, io);
    return new Map([...committed, ...ends]);
  }

  async function endsOf(partitions: readonly number[], io: Io): Promise<Map<number, bigint>> {
    const ends = new Map<number, bigint>();
    for (let missing = [...partitions]; missing.length > 0;) {
      for (const [address, led] of await byLeader(missing, io)) {
        const connection = await connections.to(address, io);
        const request = [
          {
            name: topic,
            partitions: led.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp: latest })),
          },
        ];
        const answer = await askForParts(
          connection,
          { action: `read the end of ${topic}`, address },
          io,
          listOffsetsV6.api,
          -1,
          0,
          request,
        );
        for (const { partitionIndex, errorCode, offset } of answer.topics[0]?.partitions ?? []) {
          checkMoved(partitionIndex, errorCode, address);
          if (errorCode === 0) ends.set(partitionIndex, offset);
        }
      }
      missing = partitions.filter((partition) => !ends.has(partition));
      if (missing.length === 0) break;
      leaders.forget(topic);
      await systemClock.sleep(electionPause, io);
    }
    return ends;
  }

  async function byLeader(partitions: readonly number[], io: Io): Promise<ReadonlyMap<string, number[]>> {
    const addresses = await leaders.of(topic, io);
    return Map.groupBy(
      partitions.filter((partition) => addresses[partition] !== undefined),
      (partition) => addresses[partition] ?? '',
    );
  }

  /** @throws AppError for a refusal that a look at the metadata does not mend */
  function checkMoved(partition: number, errorCode: number, address: string): void {
    const refusal = kafkaErrorNamed(errorCode);
    if (refusal === undefined || movedErrors.has(refusal)) return;
    throw new AppError('broker-refused', `cannot read ${topic}-${partition} on ${address}: ${refusal}`);
  }

  /** Until the signal aborts: each leader polled on a connection of its own, positions moved on as values are handed over. */
  async function fetchAll(positions: Map<number, bigint>, onBatch: OnBatch, io: Io): Promise<void> {
    while (!io.signal.aborted) {
      const led = [...(await byLeader([...positions.keys()], io))];
      const works = led.map(
        ([address, partitions]) =>
          (roundIo: Io) =>
            poll(address, partitions, positions, onBatch, roundIo),
      );
      const isLedWhole = led.reduce((sum, [, partitions]) => sum + partitions.length, 0) === positions.size;
      // A leader that lost a partition ends its poll, and all are asked again; a partition without one is not waited for long.
      if (!isLedWhole) works.push((roundIo) => systemClock.sleep(electionPause, roundIo));
      await untilFirstEnds(works, io);
      leaders.forget(topic);
      await systemClock.sleep(electionPause, io);
    }
  }

  async function poll(
    address: string,
    partitions: readonly number[],
    positions: Map<number, bigint>,
    onBatch: OnBatch,
    io: Io,
  ): Promise<void> {
    const connection = await connections.to(address, io, 'fetch');
    const session = createFetchSession();
    while (!io.signal.aborted) {
      const stands = partitions.map((partition) => ({ partition, offset: positions.get(partition) ?? 0n }));
      const request = session.request(stands);
      const answer = await ask(connection, { action: `read ${topic}`, address }, io, fetchRecords, topic, request);
      if (!session.accept(answer)) continue;
      for (const { partition, errorCode, records } of answer.partitions) {
        checkMoved(partition, errorCode, address);
        if (errorCode !== 0) return;
        const { values, offsets, next } = readRecordBatches(records, positions.get(partition) ?? 0n);
        if (values.length > 0) await onBatch({ topic, partition, values, offsets });
        if (next !== undefined) positions.set(partition, next);
      }
    }
  }

  /** @returns when the group rebalances; throws the signal's reason when the run ends */
  async function keepSeat(member: GroupMember, positions: Map<number, bigint>, io: Io): Promise<void> {
    for (;;) {
      await systemClock.sleep(commitInterval, io);
      const isCommitted = await member.commit(positions, io);
      if (!isCommitted || (await member.heartbeat(io)) === 'rebalancing') return;
    }
  }

  return {
    async run(onBatch, { signal, onAssigned }) {
      const member = createGroupMember(connections, leaders, group, topic);
      let positions = new Map<number, bigint>();
      let announce = onAssigned;
      try {
        while (!signal.aborted) {
          const assigned = await member.join({ signal });
          positions = await startingPositions(member, assigned, { signal });
          announce?.();
          announce = undefined;
          const seat = new AbortController();
          const io = { signal: AbortSignal.any([signal, seat.signal]) };
          const fetching = fetchAll(positions, onBatch, io).catch((cause: unknown) => {
            if (!io.signal.aborted) throw cause;
          });
          await Promise.race([keepSeat(member, positions, io), fetching]).finally(() => seat.abort());
          await fetching;
          // What was handed over is committed under the old seat, so that no other member reads it again.
          await member.commit(positions, { signal });
        }
      } catch (cause) {
        if (!signal.aborted) throw cause;
      } finally {
        const farewell = { signal: AbortSignal.timeout(farewellMs) };
        await sayGoodbye(member, positions, farewell);
      }
    },
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
}

/** A coordinator that is gone cannot be told; the session times out there and the run's own error is the one to show. */
async function sayGoodbye(member: GroupMember, positions: Map<number, bigint>, io: Io): Promise<void> {
  try {
    await member.commit(positions, io);
    await member.leave(io);
  } catch {
    // The group notices by itself after the session timeout.
  }
}
