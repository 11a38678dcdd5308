// Pulls a member's queues, one pull at a time per queue, and commits with the pulls where possible.

import { addAbortListener } from 'node:events';
import { type Seconds, seconds, systemClock, untilAborted } from '../../core/clock.ts';
import { AppError, awaitedElsewhere, endOfWait } from '../../core/errors.ts';
import type { ConsumerOptions, Io, OnBatch } from '../driver.ts';
import { ask } from './ask.ts';
import type { RemotingClient } from './protocol/frame.ts';
import { readPulledBodies } from './protocol/message.ts';
import { encodePullMessage, QueueGone } from './protocol/message-requests.ts';
import { keyOf, type TopicQueue } from './topic-queues.ts';

/** Pause before the next request to a broker that was busy or gone. */
export const pullRetryPause = seconds(0.5);
/** Time after which a broker that is gone ends the run. */
const brokerGoneAfter = seconds(60);
/** How long a broker holds an empty pull at least; it ends at the next check of the broker, every 5 s. */
const waitMs = 1000;
/** Time in which every running broker has answered a held pull. */
const heldAtMost = seconds(8);
const pullWithin = seconds(25);
/** Pause after an empty answer in pull mode: at most a tenth of the commit interval. */
const pullPause = seconds(0.1);
/** How long a batch callback may still run while its queue is released. */
const leaveWithin = seconds(1);
/** Brokers return at most 32 at once by default (maxTransferCountOnMessageInMemory). */
const maxMessages = 256;

export interface QueuePull {
  queue: TopicQueue;
  /** Offset of the next message; all messages before it were passed on. */
  position: bigint;
  /** How often the broker redirected the reading, such as after an offset reset; earlier commits no longer count. */
  sentElsewhere: number;
}

export type QueuePulls = ReturnType<typeof createQueuePulls>;

interface QueuePullOptions {
  client: RemotingClient;
  options: ConsumerOptions;
  onBatch: OnBatch;
  /** Called when a broker was busy or gone; the request is repeated. */
  onFault: () => void;
  /** Called when a reading has ended with an error. */
  onFailure: (cause: unknown) => void;
  signal: AbortSignal;
}

export function createQueuePulls({
  client,
  options: { group, commits = 'each-second', mode = 'push', withKeys = false },
  onBatch,
  onFault,
  onFailure,
  signal,
}: QueuePullOptions) {
  const running = new Map<string, QueuePull & { stop(): Promise<void> }>();
  const held = new Set<Promise<unknown>>();
  /** Never aborts, because a broker still holds a pull that nobody awaits. */
  const { signal: never } = new AbortController();

  async function read(reading: QueuePull, io: Io): Promise<void> {
    const { topic, partition, queueId, address } = reading.queue;
    const attempt = { action: `read ${topic}-${partition}`, address };
    let answeredAt = systemClock.monotonic();
    while (!io.signal.aborted) {
      const offset = reading.position;
      const pull = {
        consumerGroup: group,
        topic,
        queueId,
        offset,
        maxMessages,
        waitMs: mode === 'push' ? waitMs : 0,
        ...(commits === 'each-batch' && { commit: offset }),
      };
      try {
        const limits = { signal: never, within: pullWithin };
        const pulling = ask(client, attempt, encodePullMessage(pull), limits);
        held.add(pulling);
        pulling.catch(awaitedElsewhere).finally(() => held.delete(pulling));
        const pulled = await untilAborted(pulling, io.signal);
        answeredAt = systemClock.monotonic();
        if (pulled.kind !== 'found') {
          if (pulled.kind === 'moved') reading.sentElsewhere += 1;
          reading.position = pulled.next;
          if (mode === 'pull' && pulled.next === offset) await systemClock.sleep(pullPause, io);
          continue;
        }
        const { next, ...bodies } = readPulledBodies(pulled.messages, offset, { withKeys });
        const taken = bodies.values.length > 0 ? onBatch({ topic, partition, ...bodies }) : undefined;
        if (taken !== undefined) {
          await untilLeft(taken, io);
          answeredAt = systemClock.monotonic();
        }
        reading.position = next ?? pulled.next;
      } catch (cause) {
        io.signal.throwIfAborted();
        if (!(isPassing(cause) || isGone(cause))) throw cause;
        throwIfGone(cause, `broker ${reading.queue.brokerName} has not served group ${group}`, answeredAt);
        onFault();
        await systemClock.sleep(pullRetryPause, io);
      }
    }
  }

  return {
    all: (): readonly QueuePull[] => [...running.values()],

    /** Reads from the start until stopped. If the queue moved to another broker, continues at its last position. */
    async begin(queue: TopicQueue, startOf: () => Promise<bigint>): Promise<void> {
      const before = running.get(keyOf(queue));
      if (before?.queue.address === queue.address) return;
      await before?.stop();
      const stopped = new AbortController();
      const io = { signal: AbortSignal.any([signal, stopped.signal]) };
      const position = before?.position ?? (await startOf());
      const reading: QueuePull = { queue, position, sentElsewhere: 0 };
      const ended = read(reading, io).catch((cause: unknown) => {
        if (!io.signal.aborted) onFailure(cause);
      });
      const stop = async () => {
        stopped.abort();
        await ended;
      };
      running.set(keyOf(queue), Object.assign(reading, { stop }));
    },

    /** Resolves when no more messages of these queues are passed on. */
    async stop(readings: readonly QueuePull[]): Promise<void> {
      await Promise.all(
        readings.map(async ({ queue }) => {
          await running.get(keyOf(queue))?.stop();
          running.delete(keyOf(queue));
        }),
      );
    },

    /** Resolves when brokers hold no more pulls: the end of a pull would create a deleted group again. */
    async released(): Promise<void> {
      const over = new AbortController();
      const longest = systemClock.sleep(heldAtMost, over).catch(endOfWait);
      await Promise.race([Promise.allSettled(held), longest]);
      over.abort();
    },
  };
}

/** @throws the signal's reason if the callback runs too long after it; its messages then count as not passed on */
export async function untilLeft(taken: Promise<void>, { signal }: Io): Promise<void> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  using _ = addAbortListener(
    signal,
    () => void systemClock.sleep(leaveWithin).then(() => reject(signal.reason as Error)),
  );
  await Promise.race([taken, left]);
}

/** @throws AppError with the cause and the time of the last answer, once that is too long ago */
export function throwIfGone(cause: unknown, problem: string, answeredAt: Seconds): void {
  const silent = systemClock.monotonic() - answeredAt;
  if (silent <= brokerGoneAfter) return;
  const { code, message } = cause instanceof AppError ? cause : new AppError('broker-refused', String(cause));
  const since = new Date(systemClock.now().getTime() - silent * 1000).toISOString();
  throw new AppError(code, `${problem} since ${since}: ${message}`, {
    cause,
    hint: 'check that the masters of the topic run; `plimsoll get brokers` lists the brokers of the cluster',
  });
}

/** The queue is gone, but route updates come later: the reading ends when the member next computes its share. */
const isGone = (cause: unknown) =>
  cause instanceof QueueGone || (cause instanceof AppError && cause.cause instanceof QueueGone);

/** Whether the same request may succeed a little later. */
export const isPassing = (cause: unknown) =>
  cause instanceof AppError && (cause.code === 'broker-busy' || cause.code === 'broker-unreachable');
