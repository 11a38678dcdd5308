// Reads the runtime information of each RocketMQ broker and the replication lag of the slaves.

import { type Clock, seconds, type Seconds, untilAborted } from '../../../core/clock.ts';
import { rocketmq } from '../../../core/broker-kind/rocketmq.ts';
import { AppError } from '../../../core/errors.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import type { Io } from '../../driver.ts';
import type { BrokerReading, BrokerSource, BrokerWatch } from '../../figures/broker-reading.ts';
import { ask } from '../ask.ts';
import { readMembership } from '../name-servers.ts';
import type { InspectorParts } from '../inspect/snapshot.ts';
import type { Member } from '../inspect/membership.ts';
import type { RemotingClient } from '../protocol/frame.ts';
import { encodeGetBrokerHaStatus, type HaStatus, encodeGetBrokerRuntimeInfo } from '../protocol/broker-requests.ts';
import { parseRuntimeInfo } from '../runtime-info.ts';
import { runtimeReading } from './runtime-reading.ts';

/** Interval of reading the members: a slave that joins is read at the latest after this time. */
const membershipSeconds = 10;
/** Timeout for a slave, so that a silent one does not delay its master's figures. */
const slaveWithin = seconds(0.4);
/** Maximum age of a slave's runtime information that is reused for its master's replication lag. */
const sharedSeconds = 0.2;

/** The client is closed with the watch. */
export function watchRocketmqBrokers({ name, config, client, clock }: InspectorParts): BrokerWatch {
  let known: { sources: readonly BrokerSource[]; at: number } | undefined;
  const paces = new Map<string, ReadingPace>();
  const tables = shareTables(client, clock);

  const paceOf = (id: string) => getOrMake(paces, id, () => createReadingPace(clock));

  async function readMembers(io: Io): Promise<readonly BrokerSource[]> {
    const { members } = await readMembership({ cluster: name, client, namesrv: config.namesrv }, io);
    return members.map((member) =>
      paced(sourceOf({ client, clock, tables, paceOf }, member, members), paceOf(member.id), clock),
    );
  }

  /** Keeps the known brokers if no name server answers; a broker that is gone has no reading. */
  async function refreshed(io: Io): Promise<readonly BrokerSource[]> {
    try {
      return await readMembers(io);
    } catch (cause) {
      if (known === undefined || (!(cause instanceof AppError) && !io.signal.aborted)) throw cause;
      return known.sources;
    }
  }

  return {
    async sources(io) {
      if (known === undefined || clock.monotonic() - known.at >= membershipSeconds) {
        known = { sources: await refreshed(io), at: clock.monotonic() };
      }
      return known.sources;
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

interface TimedSource extends Omit<BrokerSource, 'read'> {
  /** `ownSeconds`: time until the broker's answer, without its slaves, which have separate paces. */
  read(io: Io): Promise<{ reading: BrokerReading; ownSeconds: number }>;
}

/** Returns no reading from a source that is not due; its next reading covers the time since the last. */
function paced(source: TimedSource, pace: ReadingPace, { monotonic }: Pick<Clock, 'monotonic'>): BrokerSource {
  return {
    ...source,
    async read(io) {
      if (!pace.isDue()) return [];
      const from = monotonic();
      try {
        const { reading, ownSeconds } = await source.read(io);
        pace.answered(ownSeconds);
        return [reading];
      } catch (cause) {
        pace.failed(monotonic() - from);
        throw cause;
      }
    },
  };
}

interface Reader {
  client: RemotingClient;
  clock: Pick<Clock, 'monotonic'>;
  tables: ReturnType<typeof shareTables>;
  paceOf(id: string): ReadingPace;
}

function sourceOf(
  { client, clock: { monotonic }, tables, paceOf }: Reader,
  member: Member,
  members: readonly Member[],
): TimedSource {
  const { id, brokerName, brokerId, address } = member;
  const slaves = brokerId === 0 ? members.filter((each) => each.brokerName === brokerName && each.id !== id) : [];
  let hasStatus = slaves.length > 0;

  /** @returns undefined if the broker has no such service: 4.x, and DLedger */
  async function readHa(io: Io): Promise<HaStatus | undefined> {
    if (!hasStatus) return undefined;
    const attempt = { action: 'read the replication status', address };
    try {
      return await ask(client, attempt, encodeGetBrokerHaStatus(), io);
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.code === 'broker-unreachable') throw cause;
      hasStatus = false;
      return undefined;
    }
  }

  /** @returns undefined if the slave is not due or does not answer; its own source reports its errors */
  async function readSlave(slave: Member, { signal }: Io): Promise<ReadonlyMap<string, string> | undefined> {
    const reading = paceOf(slave.id).isDue() ? tables.read(slave.address) : tables.recent(slave.address);
    const limit = AbortSignal.timeout(slaveWithin * 1000);
    try {
      const table = await (reading && untilAborted(reading, AbortSignal.any([signal, limit])));
      return table && parseRuntimeInfo(table).commitLogMaxOffset !== undefined ? table : undefined;
    } catch (cause) {
      if (!(cause instanceof AppError) && cause !== limit.reason) throw cause;
      return undefined;
    }
  }

  return {
    name: rocketmq.internals.sourceOf(id),
    async read(io) {
      const ha = await readHa(io);
      // A slave that is not connected is missing in the status, but answers.
      const isWhole = ha !== undefined && ha.slaves.length >= slaves.length;
      const copies = isWhole ? [] : await Promise.all(slaves.map((slave) => readSlave(slave, io)));
      const from = monotonic();
      const broker = await untilAborted(tables.read(address), io.signal);
      const ownSeconds = monotonic() - from;
      const answered = copies.filter((copy) => copy !== undefined);
      return { reading: runtimeReading({ id, broker, ...(ha && { ha }), slaves: answered }), ownSeconds };
    },
  };
}

/** Shares one request among callers while it is pending or just answered, so that a slow broker gets no second one. */
function shareTables(client: RemotingClient, { monotonic }: Pick<Clock, 'monotonic'>) {
  const taken = new Map<string, { table: Promise<ReadonlyMap<string, string>>; endedAt?: number }>();
  const unlimited = new AbortController().signal;

  function read(address: string): Promise<ReadonlyMap<string, string>> {
    const attempt = { action: 'read the runtime information', address };
    const io = { signal: unlimited };
    const request = {
      table: ask(client, attempt, encodeGetBrokerRuntimeInfo(), io).finally(() => {
        taken.set(address, { ...request, endedAt: monotonic() });
      }),
    };
    taken.set(address, request);
    return request.table;
  }

  function recent(address: string): Promise<ReadonlyMap<string, string>> | undefined {
    const { table, endedAt = monotonic() } = taken.get(address) ?? {};
    return monotonic() - endedAt <= sharedSeconds ? table : undefined;
  }

  return { recent, read: (address: string) => recent(address) ?? read(address) };
}

/**
 * RocketMQ 5 scans its whole timer wheel for every answer with runtime information (TimerWheel.getAllNum). In a JVM
 * that compiles once, with one core, a reading per second took most of that core.
 */
const mostShare = 0.02;
/** Longest interval, even if readings then exceed the share: longer ones would miss steps of a short load test. */
const longest = seconds(5);

type ReadingPace = ReturnType<typeof createReadingPace>;

/** Derives the cost of a reading from the quickest answer, because slower ones waited for the load. */
export function createReadingPace({ monotonic }: Pick<Clock, 'monotonic'>) {
  let quickest = Number.POSITIVE_INFINITY;
  let dueAt: Seconds | undefined;
  const spaceBy = (tookSeconds: number, cost: number) => {
    dueAt = seconds(monotonic() - tookSeconds + Math.min(longest, cost / mostShare));
  };
  return {
    isDue: () => dueAt === undefined || monotonic() >= dueAt,
    answered(tookSeconds: number): void {
      quickest = Math.min(quickest, tookSeconds);
      spaceBy(tookSeconds, quickest);
    },
    /** A request that was refused at once or timed out does not measure the cost of an answer. */
    failed: (tookSeconds: number) => spaceBy(tookSeconds, Math.min(quickest, tookSeconds)),
  };
}
