// Pulls a member's queues, one pull per queue at a time, and commits with the pulls where possible.

import { addAbortListener } from 'node:events';
import { untilAborted } from '../../core/abort.ts';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { awaitedElsewhere, endOfWait } from '../../core/ignore-fault.ts';
import { seconds } from '../../core/units.ts';
import type { ConsumerOptions, Io, OnBatch } from '../driver.ts';
import { ask } from './ask.ts';
import type { RemotingClient } from './protocol/frame.ts';
import { readPulledBodies } from './protocol/message.ts';
import { encodePullMessage, QueueGone } from './protocol/pull-message.ts';
import { keyOf, type TopicQueue } from './topic-queues.ts';

/** Before a broker that turned a request away, or was gone, is asked again. */
export const pullRetryPause = seconds(0.5);
/** A broker that is gone for longer ends the run. */
export const brokerGoneAfter = seconds(60);
/** A pull of nothing is held for at least so long, and until the next check of the broker, every 5 s. */
const waitMs = 1000;
/** Every broker that is there has answered a held pull by then. */
const heldAtMost = seconds(8);
const pullWithin = seconds(25);
/** Who pulls asks again after so long when there was nothing: at least ten times as often as commits are made. */
const pullPause = seconds(0.1);
/** Who takes longer for a batch while its queue is given away is not waited for. */
const leaveWithin = seconds(1);
/** Brokers hand out 32 at once unless set otherwise (maxTransferCountOnMessageInMemory). */
const maxMessages = 256;

export interface QueuePull {
  queue: TopicQueue;
  /** Of the next message; everything before it was handed over. */
  position: bigint;
  /** How often its broker sent it elsewhere, as after a reset of the group: what was committed before counts no more. */
  sentElsewhere: number;
}

export type QueuePulls = ReturnType<typeof createQueuePulls>;

interface QueuePullOptions {
  client: RemotingClient;
  options: ConsumerOptions;
  onBatch: OnBatch;
  /** A broker was busy or gone; it is asked again. */
  onFault: () => void;
  /** A reading ended for good. */
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
  /** A pull that is no longer awaited stays with the broker. */
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
        if (!(isPassing(cause) || isGone(cause)) || systemClock.monotonic() - answeredAt > brokerGoneAfter) throw cause;
        onFault();
        await systemClock.sleep(pullRetryPause, io);
      }
    }
  }

  return {
    all: (): readonly QueuePull[] => [...running.values()],

    /** Reads on from there until stopped. Of a queue that has moved to another broker, from where it was. */
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

    /** Resolves when nothing more is handed over of these queues. */
    async stop(readings: readonly QueuePull[]): Promise<void> {
      await Promise.all(
        readings.map(async ({ queue }) => {
          await running.get(keyOf(queue))?.stop();
          running.delete(keyOf(queue));
        }),
      );
    },

    /** Resolves once brokers hold no pull any more: when one ends, the broker creates the group again if it was deleted. */
    async released(): Promise<void> {
      const over = new AbortController();
      const longest = systemClock.sleep(heldAtMost, over).catch(endOfWait);
      await Promise.race([Promise.allSettled(held), longest]);
      over.abort();
    },
  };
}

/** @throws the signal's reason when the callback runs too long after it: its messages count as not handed over */
export async function untilLeft(taken: Promise<void>, { signal }: Io): Promise<void> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  using _ = addAbortListener(
    signal,
    () => void systemClock.sleep(leaveWithin).then(() => reject(signal.reason as Error)),
  );
  await Promise.race([taken, left]);
}

/** Route updates come later than the change: this queue is left once the share of the member is taken again. */
const isGone = (cause: unknown) =>
  cause instanceof QueueGone || (cause instanceof AppError && cause.cause instanceof QueueGone);

/** Whether the same request may well be answered a little later. */
export const isPassing = (cause: unknown) =>
  cause instanceof AppError && (cause.code === 'broker-busy' || cause.code === 'broker-unreachable');
