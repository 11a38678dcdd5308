// Starts the traffic threads: one per producer worker and one per consumer group.

import { setTimeout } from 'node:timers/promises';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { untilAborted } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { answerSecondsOf } from './answer-timeout.ts';
import type { DeliveryCheck } from '../delivery/delivery-check.ts';
import { createMark } from '../delivery/payload-header.ts';
import type { RunPlan } from '../plan/plan.ts';
import type { RunTopic } from './topic.ts';
import { dealSlots } from './workers/worker-numbers.ts';
import type { Assignment, ProducerAssignment, ToThread } from './workers/thread-messages.ts';
import type { StartThread, TrafficThread } from './workers/traffic-thread.ts';
import { sendingOptionsOf } from '../plan/workload.ts';
import { defaultTransaction, sendsSingly } from '../plan/workload/broker-fit.ts';
import { delaySecondsOf } from '../plan/workload/delay-seconds.ts';
import { consumerOptionsOf, type WantedGroup } from '../plan/workload/group-options.ts';

export interface ProducerThread extends TrafficThread {
  readonly worker: string;
  readonly slots: readonly number[];
  /** Present if it sends in transactions. */
  readonly transactionalId?: string | undefined;
  /** End of the time for which all due messages are answered or given up; undefined until first reported. */
  readonly drivenUntil: number | undefined;
}

interface ConsumerThread extends TrafficThread {
  readonly group: string;
}

export type Threads = Awaited<ReturnType<typeof openThreads>>;

/** Default limit of Kafka's producer per connection (max.in.flight.requests.per.connection). */
const unansweredPerBroker = 5;
/** Concurrent single-message sends per broker: 16 times the 64 threads of Apache's own benchmark. */
const unansweredMessagesPerBroker = 1024;
/**
 * More slots than workers, so that their shares differ by at most one percent; each slot costs a few bytes of the
 * ledger.
 */
const leastSlots = 64;
/** Slots for shares that differ by design: up to ten workers each get their share within a few percent. */
const slotsOfShares = 512;
/** A group of one joins in seconds; a broker that cannot do that within this time cannot handle a load. */
const readySeconds = 60;
/** RocketMQ brokers hold pull requests of a leaving member for up to 8 s; a broker that is gone does not respond. */
const leaveSeconds = 10;
/**
 * A message counts as late if consumed this long after the workload's expected arrival; equals the timeout of most
 * clients.
 */
const lateAfterSeconds = 30;

/**
 * Opens all threads; consumers have their partitions before this resolves.
 * @param shares weight of each producer; absent if all send the same amount
 * @param recordedTo for a resumed run: by group, the offsets that its earlier attempts recorded
 * @throws AppError from the broker
 */
export async function openThreads(
  plan: RunPlan,
  topic: RunTopic,
  brokers: number,
  startThread: StartThread,
  { signal }: { signal: AbortSignal },
  shares?: readonly number[],
  recordedTo?: DeliveryCheck['recordedTo'],
) {
  const { workers } = plan.workload;
  const slotCount = Math.max(shares ? slotsOfShares : leastSlots, 2 ** Math.ceil(Math.log2(workers)));
  const dealt = dealSlots(shares ?? workers, slotCount);
  let onLines: (lines: readonly JournalLine[]) => void = () => {};
  let onDriven = () => {};
  await using opened = new AsyncDisposableStack();

  const consumers = plan.groups.map((group, index): ConsumerThread => {
    const worker = `consumer-${index + 1}`;
    const recorded = [...(recordedTo?.(group.name) ?? [])];
    const assignment = consumerAssignment(plan, topic, group, worker, slotCount, dealt, recorded);
    const thread = opened.use(startThread(assignment, { onLines: (lines) => onLines(lines), onDriven: () => {} }));
    return { ...thread, group: group.name };
  });
  const producers = dealt.map((slots, worker): ProducerThread => {
    const paced: { until?: number } = {};
    const assignment = producerAssignment(plan, topic, worker, slots, slotCount, brokers);
    const thread = opened.use(
      startThread(assignment, {
        onLines: (lines) => onLines(lines),
        onDriven(until) {
          paced.until = until;
          onDriven();
        },
      }),
    );
    return {
      ...thread,
      worker: `producer-${worker}`,
      slots,
      transactionalId: plan.workload.transactions && assignment.transactionalId,
      get drivenUntil() {
        return paced.until;
      },
    };
  });
  // Leave groups before threads end: otherwise a group cannot be deleted until the member's session times out.
  opened.defer(() => leaveGroups(consumers));
  const all = [...consumers, ...producers];
  await untilReady(all, signal);
  const stack = opened.move();

  return {
    producers,
    consumers,
    tellAll: (message: ToThread): void => all.forEach((thread) => thread.tell(message)),
    /** Sets the listener called for every later report. */
    onLines: (given: (lines: readonly JournalLine[]) => void): void => void (onLines = given),
    /** Called whenever a producer has completed its schedule. */
    onDriven: (given: () => void): void => void (onDriven = given),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const sharedOf = ({ cluster, workload }: RunPlan) => ({
  cluster: cluster.name,
  broker: cluster.broker,
  config: cluster.config,
  sending: sendingOptionsOf(workload),
});

function consumerAssignment(
  plan: RunPlan,
  { names, partitions, own }: RunTopic,
  group: WantedGroup,
  worker: string,
  slotCount: number,
  senders: readonly (readonly number[])[],
  recordedTo: readonly (readonly [place: number, offset: number])[],
): Assignment {
  const { group: _, ...options } = consumerOptionsOf(group);
  return {
    ...sharedOf(plan),
    role: 'consumer',
    worker,
    group: group.name,
    members: group.members,
    topics: names,
    partitions,
    marks: marksOf(plan),
    slotCount,
    senders,
    // A topic created by the run holds only its messages, so a member that joins late or returns misses nothing.
    consumer: { ...options, from: options.from ?? (own.length === names.length ? 'start' : 'end') },
    recordedTo,
    processingSeconds: group.processing,
    lateAfterSeconds: lateAfterSeconds + delaySecondsOf(plan.workload) + longestStop(plan, group.name),
  };
}

/** @returns the longest planned stop of a group, in seconds; 0 if it is never stopped */
const longestStop = ({ stops }: RunPlan, name: string) =>
  Math.max(0, ...stops.filter(({ group }) => group === name).map(({ from, to }) => to - from));

const marksOf = ({ id, attempt }: RunPlan) =>
  Array.from({ length: attempt }, (_, before) => ({
    attempt: attempt - before,
    mark: createMark(id, attempt - before),
  }));

function producerAssignment(
  plan: RunPlan,
  { names, partitions }: RunTopic,
  worker: number,
  slots: readonly number[],
  slotCount: number,
  brokers: number,
): ProducerAssignment {
  const { workload, mark, id, maxTps, mostMessageBytes } = plan;
  return {
    ...sharedOf(plan),
    role: 'producer',
    worker,
    workers: workload.workers,
    slots,
    slotCount,
    attempt: plan.attempt,
    topics: names,
    partitions,
    transactionalId: `plimsoll-${id}-${worker}`,
    messages: plan.messageSpec,
    mark,
    mostUnanswered: mostUnanswered(plan, Math.max(1, brokers), names.length * partitions),
    answerSeconds: answerSecondsOf(workload),
    ...defined({ maxTps, mostMessageBytes }),
  };
}

function mostUnanswered({ messageSpec, steps, workload, cluster }: RunPlan, brokers: number, places: number): number {
  const { linger, workers, transactions } = workload;
  if (sendsSingly(workload, cluster.broker)) {
    // Transactions left to be checked stay unanswered until the broker checks them, and must not block other sends.
    const highest = Math.max(0, ...steps.map(({ targetTps = 0 }) => targetTps));
    const left = highest * (transactions?.leftToCheck ?? 0) * answerSecondsOf(workload);
    return Math.ceil((unansweredMessagesPerBroker * brokers + left) / workers);
  }
  const byConnection = unansweredPerBroker * brokers;
  // With keys, a window is one batch per partition; Kafka's producer combines the batches of a broker in a request.
  const hasOneBatch = messageSpec.keys.kind === 'none' && messageSpec.mix === undefined;
  const byKeys = hasOneBatch ? byConnection : unansweredPerBroker * Math.max(brokers, places);
  // Batches of a transaction are acknowledged when it commits, while the next one is filled.
  const windows =
    transactions === undefined
      ? 0
      : Math.ceil((3 * (transactions.duration ?? defaultTransaction)) / Math.max(linger, 0.001));
  return Math.max(byKeys, windows * Math.max(1, byKeys / byConnection));
}

async function leaveGroups(consumers: readonly TrafficThread[]): Promise<void> {
  for (const consumer of consumers) consumer.tell({ kind: 'stop' });
  const left = Promise.allSettled(consumers.map(({ done }) => done));
  await Promise.race([left, setTimeout(1000 * leaveSeconds, undefined, { ref: false })]);
}

async function untilReady(threads: readonly TrafficThread[], signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(readySeconds * 1000);
  const ready = Promise.all(threads.map((thread) => thread.ready));
  await untilAborted(ready, AbortSignal.any([signal, late])).catch((error: unknown) => {
    if (error !== late.reason) throw error;
    throw new AppError('broker-unreachable', `producers and consumers were not ready within ${readySeconds} s`, {
      hint: 'the brokers answer too slowly: check their load and logs, then run again',
    });
  });
}
