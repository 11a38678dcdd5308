// Consumes as a group member and rebalances its queues when members join or leave.

import { seconds, type Seconds, systemClock, untilAborted } from '../../core/clock.ts';
import { ignoreFault } from '../../core/errors.ts';
import type { ConsumerOptions, Io, OnBatch, TrafficConsumer } from '../driver.ts';
import { limitStarts } from '../latest-starts.ts';
import { createGroupMember } from './group-member.ts';
import { createInTurn } from './in-turn.ts';
import type { RemotingClient } from './protocol/frame.ts';
import {
  createQueuePulls,
  isPassing,
  pullRetryPause,
  throwIfGone,
  type QueuePull,
  type QueuePulls,
} from './queue-pulls.ts';
import { keyOf, NotRouted, type TopicQueue, type TopicQueues } from './topic-queues.ts';

/** Interval of heartbeats and locks, as in Java's clients; brokers drop a member after 120 s and a lock after 60 s. */
const seatInterval = seconds(20);
/** Pause while another member still locks a queue of this member's share. */
const handoverPause = seconds(0.1);
const commitInterval = seconds(1);
/** Leaving the group must not delay a stop. */
const leaveTimeoutMs = 1500;

/** NOTIFY_CONSUMER_IDS_CHANGED: a member joined or left. */
const membersChanged = 40;

/**
 * Its disposal waits until brokers hold no pull of it. @param client used by no other: a broker identifies a member by
 * its connection
 */
export function createConsumer(client: RemotingClient, queues: TopicQueues, options: ConsumerOptions): TrafficConsumer {
  const { topic, commits = 'each-second' } = options;
  const member = createGroupMember(client, options);
  const inTurn = createInTurn();
  const startOf = limitStarts(options.notAfter);
  /** Queues that existed when the member joined. */
  let first: ReadonlySet<string> | undefined;
  let pulls: QueuePulls | undefined;

  async function readableQueues(io: Io): Promise<TopicQueue[]> {
    // A queue may be new, or have another master, so the cached queues are not used.
    queues.forget(topic);
    return (await queues.of(topic, io)).filter(({ isReadable }) => isReadable);
  }

  /** @returns whether the member has locked its whole share */
  async function takeShare(readings: QueuePulls, io: Io): Promise<boolean> {
    const all = await member.heartbeat(await readableQueues(io), io);
    first ??= new Set(all.map(keyOf));
    const isNew = (queue: TopicQueue) => first?.has(keyOf(queue)) === false;
    const share = await member.share(all, io);
    await handOver(readings, except(readings.all(), share), io);
    const locked = await member.lock(share, io);
    // A lock was lost while its broker was away: the commits of the next owner count now.
    await readings.stop(except(readings.all(), locked));
    const begin = (queue: TopicQueue) =>
      readings.begin(queue, async () => startOf(queue.partition, await member.startOf(queue, io, isNew(queue))));
    await Promise.all(locked.map(begin));
    return locked.length === share.length;
  }

  /** Stops queues and commits what the caller received, before other members may lock them. */
  async function handOver(readings: QueuePulls, leaving: readonly QueuePull[], io: Io): Promise<void> {
    await readings.stop(leaving);
    if (commits !== 'never') await Promise.all(leaving.map((reading) => commit(reading, io)));
    await member.unlock(
      leaving.map(({ queue }) => queue),
      io,
    );
  }

  /** Commits queues that advanced since the last commit. @throws AppError when a broker refused */
  async function commitEachSecond(readings: QueuePulls, io: Io): Promise<never> {
    const owed = createPendingCommits();
    for (;;) {
      await systemClock.sleep(commitInterval, io);
      await Promise.all(
        owed.among(readings.all()).map(async (reading) => {
          const { sentElsewhere } = reading;
          const position = await commit(reading, io, () => readings.all().includes(reading)).catch(unlessPassing);
          if (position !== undefined) owed.made(reading, { position, sentElsewhere });
        }),
      );
    }
  }

  /**
   * Sends commits of a queue one after the other, even if the caller no longer awaits the earlier ones: brokers accept
   * commits in any order.
   *
   * @param isOurs checked just before sending, when other members may have the queue
   */
  async function commit(reading: QueuePull, io: Io, isOurs = () => true): Promise<bigint | undefined> {
    const { queue } = reading;
    const committing = inTurn(keyOf(queue), async () => {
      if (!isOurs()) return undefined;
      const { position } = reading;
      await member.commit(queue, position, { signal: new AbortController().signal });
      return position;
    });
    return untilAborted(committing, io.signal);
  }

  /** Keeps the share until the signal aborts; after joining, waits for a broker that went away. */
  async function keepShare(
    readings: QueuePulls,
    changes: { next(): Promise<void> },
    onAssigned: (() => void) | undefined,
    io: Io,
  ): Promise<never> {
    let hasJoined = false;
    let seatedAt = systemClock.monotonic();
    for (;;) {
      const changed = changes.next();
      let pause = handoverPause;
      try {
        if (await takeShare(readings, io)) {
          if (!hasJoined) onAssigned?.();
          hasJoined = true;
          pause = seatInterval;
        }
        seatedAt = systemClock.monotonic();
      } catch (cause) {
        io.signal.throwIfAborted();
        // While master and slave change roles, neither of them registers the topic.
        const mayPass = hasJoined && (isPassing(cause) || cause instanceof NotRouted);
        if (!mayPass) throw cause;
        throwIfGone(cause, `group ${options.group} has not reached every broker of topic ${topic}`, seatedAt);
        pause = pullRetryPause;
      }
      await pauseUnless(changed, pause, io);
    }
  }

  return {
    async run(onBatch: OnBatch, { signal, onAssigned }) {
      const failed = new AbortController();
      const io = { signal: AbortSignal.any([signal, failed.signal]) };
      let change = Promise.withResolvers<void>();
      const changes = { next: () => (change = Promise.withResolvers<void>()).promise };
      client.onRequest(membersChanged, () => {
        change.resolve();
        return undefined;
      });
      const readings = (pulls = createQueuePulls({
        client,
        options,
        onBatch,
        onFault: () => change.resolve(),
        onFailure: (cause) => failed.abort(cause),
        signal: io.signal,
      }));
      const committing = commits === 'each-second' ? commitEachSecond(readings, io) : Promise.resolve();
      committing.catch((cause: unknown) => failed.abort(cause));
      try {
        await keepShare(readings, changes, onAssigned, io);
      } catch (cause) {
        if (!signal.aborted) throw cause;
      } finally {
        failed.abort();
        await leaveGroup(async (farewell) => {
          await handOver(readings, readings.all(), farewell);
          await member.leave(await queues.of(topic, farewell), farewell);
        });
      }
    },
    async [Symbol.asyncDispose]() {
      await pulls?.released();
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Ignores a busy or unreachable broker: it gets the commit in the next second. */
function unlessPassing(cause: unknown): undefined {
  if (!isPassing(cause)) throw cause;
}

function except(readings: readonly QueuePull[], queues: readonly TopicQueue[]): QueuePull[] {
  const kept = new Set(queues.map(keyOf));
  return readings.filter(({ queue }) => !kept.has(keyOf(queue)));
}

async function pauseUnless(changed: Promise<void>, pause: Seconds, { signal }: Io): Promise<void> {
  const over = new AbortController();
  const sleeping = systemClock
    .sleep(pause, { signal: AbortSignal.any([signal, over.signal]) })
    .catch((cause: unknown) => {
      if (!over.signal.aborted) throw cause;
    });
  await Promise.race([changed, sleeping]).finally(() => over.abort());
}

/** Ignores errors: a broker that is gone drops the member anyway, and the error of the run is the one to show. */
async function leaveGroup(say: (farewell: Io) => Promise<void>): Promise<void> {
  try {
    await say({ signal: AbortSignal.timeout(leaveTimeoutMs) });
  } catch (fault) {
    ignoreFault('the other members wait until the locks expire')(fault);
  }
}

type CommitPosition = Pick<QueuePull, 'position' | 'sentElsewhere'>;

/** Tracks queues that advanced since their last commit, including those that an offset reset moved. */
export function createPendingCommits() {
  const committed = new WeakMap<QueuePull, CommitPosition>();
  return {
    among: (readings: readonly QueuePull[]) =>
      readings.filter((reading) => {
        const last = committed.get(reading);
        return last?.position !== reading.position || last.sentElsewhere !== reading.sentElsewhere;
      }),
    /** Records the position at the time of the request: brokers ignore commits from before a reset. */
    made(reading: QueuePull, { position, sentElsewhere }: CommitPosition): void {
      committed.set(reading, { position, sentElsewhere });
    },
  };
}
