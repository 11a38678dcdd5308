// Who sends and who receives? One thread per producer worker and per consumer group.

import { setTimeout } from 'node:timers/promises';
import type { JournalLine } from '../core/run-bundle.ts';
import { AppError } from '../core/errors.ts';
import type { RunPlan } from './plan.ts';
import type { RunOrigin } from './run-clock.ts';
import type { RunTopic } from './topic.ts';
import type { Assignment } from './workers/thread-messages.ts';
import type { StartThread, TrafficThread } from './workers/traffic-thread.ts';

export interface Threads extends AsyncDisposable {
  readonly producers: readonly TrafficThread[];
  readonly consumers: readonly TrafficThread[];
  start(origin: RunOrigin): void;
  /** Called for every report from now on. */
  onLines(listener: (lines: readonly JournalLine[]) => void): void;
}

/** What Kafka's own producer allows itself per connection (max.in.flight.requests.per.connection). */
const unansweredPerBroker = 5;
/** A group of one joins in seconds; a broker that cannot do it in this time will not carry a load. */
const readySeconds = 60;
/** Leaving a group is one request; a broker that is gone answers none. */
const leaveSeconds = 5;

/** @throws AppError as the broker answers; consumers have their partitions before this resolves */
export async function openThreads(
  { cluster, workload, topic: { groups }, mark, segments }: RunPlan,
  { name: topic, partitions }: RunTopic,
  brokers: number,
  startThread: StartThread,
  { signal }: { signal: AbortSignal },
): Promise<Threads> {
  const { acks, workers, seed, messageSize: messageBytes, linger: lingerSeconds } = workload;
  let listener: (lines: readonly JournalLine[]) => void = () => {};
  const common = { cluster: cluster.name, config: cluster.config, topic, segments };
  const start = (assignment: Assignment) => startThread(assignment, (lines) => listener(lines));
  await using opened = new AsyncDisposableStack();

  const consumers = groups.map((group, index) =>
    opened.use(start({ ...common, role: 'consumer', worker: `consumer-${index + 1}`, group, mark })),
  );
  const producers = Array.from({ length: workers }, (_, worker) =>
    opened.use(
      start({
        ...common,
        role: 'producer',
        acks,
        worker,
        workers,
        partitions,
        payload: { mark, seed, messageBytes },
        lingerSeconds,
        mostUnanswered: unansweredPerBroker * Math.max(1, brokers),
      }),
    ),
  );
  // Before they are ended: who does not leave its group keeps it from being deleted for a session timeout.
  opened.defer(() => leaveGroups(consumers));
  const all = [...consumers, ...producers];
  await untilReady(all, signal);
  const stack = opened.move();

  return {
    producers,
    consumers,
    start: (origin) => all.forEach((thread) => thread.start(origin)),
    onLines: (given) => void (listener = given),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function leaveGroups(consumers: readonly TrafficThread[]): Promise<void> {
  for (const consumer of consumers) consumer.stop();
  const left = Promise.allSettled(consumers.map(({ done }) => done));
  await Promise.race([left, setTimeout(1000 * leaveSeconds, undefined, { ref: false })]);
}

async function untilReady(threads: readonly TrafficThread[], signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(readySeconds * 1000);
  const { promise, reject } = Promise.withResolvers<never>();
  late.addEventListener('abort', () =>
    reject(new AppError('broker-unreachable', `producers and consumers were not ready within ${readySeconds} s`)),
  );
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  signal.throwIfAborted();
  await Promise.race([Promise.all(threads.map(({ ready }) => ready)), promise]);
}
