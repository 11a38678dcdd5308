// Consumes as a group member: joins, fetches its partitions, and commits the batches that its callbacks have handled.

import { seconds, systemClock } from '../../../core/clock.ts';
import { endOfWait, ignoreFault } from '../../../core/errors.ts';
import type { AnswerListener, ConsumerOptions, Io, TrafficConsumer } from '../../driver.ts';
import type { KafkaCluster } from '../client.ts';
import { limitStarts } from '../../latest-starts.ts';
import { createConnections, consumerTimeouts } from '../wire/connections.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import { fetchAll, readLogEnds } from './fetch-loop.ts';
import { createGroupMember, type GroupMember } from './group-member.ts';
import { createLeaders } from './leaders.ts';

const heartbeatInterval = seconds(1);
/** Timeout for batches in progress during a rebalance: half of the time that the coordinator waits for this member. */
const handoverTime = seconds(5);
/** Time limit for leaving, which must not delay a stop. */
const leaveTimeout = seconds(1.5);

export function createConsumer(
  { name, config }: KafkaCluster,
  options: ConsumerOptions,
  listener?: AnswerListener,
): TrafficConsumer {
  const { group, topic, commits = 'each-second' } = options;
  const connections = createConnections(name, config, consumerTimeouts);
  const leaders = createLeaders(connections);
  const startOf = limitStarts(options.notAfter);

  /** Commits an end of the log at once, so that a rebalance cannot move it; without commits, keeps it in memory. */
  async function startingPositions(
    member: GroupMember,
    partitions: readonly number[],
    held: ReadonlyMap<number, bigint>,
    io: Io,
  ): Promise<Map<number, bigint>> {
    if (partitions.length === 0) return new Map();
    const known = new Map(await member.committed(partitions, io));
    if (commits === 'never') for (const [partition, position] of held) known.set(partition, position);
    const fresh = partitions.filter((partition) => !known.has(partition));
    const ends = await readLogEnds(connections, leaders, options, fresh, io);
    if (commits !== 'never') await member.commit(ends, io);
    const starts = [...known, ...ends].filter(([partition]) => partitions.includes(partition));
    return new Map(starts.map(([partition, start]) => [partition, startOf(partition, start)]));
  }

  const commitAll = async (member: GroupMember, { positions }: Deliveries, io: Io): Promise<boolean> =>
    commits === 'never' || (await member.commit(positions, io));

  /** @returns when the group rebalances. @throws the signal's reason when the run ends */
  async function keepSeat(member: GroupMember, deliveries: Deliveries, io: Io): Promise<void> {
    for (;;) {
      await systemClock.sleep(heartbeatInterval, io);
      const isSeated = await commitAll(member, deliveries, io);
      if (!isSeated || (await member.heartbeat(io)) === 'rebalancing') return;
    }
  }

  return {
    async run(onBatch, { signal, onAssigned }) {
      const member = createGroupMember(connections, leaders, group, topic);
      const commitOne = async (partition: number, next: bigint) =>
        void (await member.commit(new Map([[partition, next]]), { signal }));
      const deliveries = createDeliveries(onBatch, commits === 'each-batch' ? commitOne : undefined);
      let announce = onAssigned;
      try {
        while (!signal.aborted) {
          const assigned = await member.join({ signal });
          deliveries.beginAt(await startingPositions(member, assigned, deliveries.positions, { signal }));
          announce?.();
          announce = undefined;
          const seat = new AbortController();
          const io = { signal: AbortSignal.any([signal, seat.signal]) };
          const fetching = fetchAll({ connections, leaders, deliveries, listener }, options, io).catch(
            (cause: unknown) => {
              if (!io.signal.aborted) throw cause;
            },
          );
          const ends = [keepSeat(member, deliveries, io), fetching, deliveries.failed];
          await Promise.race(ends).finally(() => seat.abort());
          await fetching;
          await inTime(deliveries, handoverTime, { signal });
          // Handled batches are committed before joining again, so that no other member reads them again.
          await commitAll(member, deliveries, { signal });
        }
      } catch (cause) {
        if (!signal.aborted) throw cause;
      } finally {
        await sayGoodbye(member, deliveries);
      }
    },
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };

  /** Ignores errors: without a coordinator the session times out, and the error of the run is the one to show. */
  async function sayGoodbye(member: GroupMember, deliveries: Deliveries): Promise<void> {
    const io = { signal: AbortSignal.timeout(leaveTimeout * 1000) };
    try {
      await inTime(deliveries, leaveTimeout / 2, io);
      await commitAll(member, deliveries, io);
      await member.leave(io);
    } catch (fault) {
      ignoreFault('the group notices after the session timeout')(fault);
    }
  }
}

/** Waits for running callbacks; batches of slower ones are not committed. */
async function inTime(deliveries: Deliveries, most: number, { signal }: Io): Promise<void> {
  const over = new AbortController();
  const bound = systemClock.sleep(seconds(most), { signal: AbortSignal.any([signal, over.signal]) });
  await Promise.race([deliveries.settled(), bound.catch(endOfWait)]).finally(() => over.abort());
}
