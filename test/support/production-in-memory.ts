// Runs one producing worker against a broker in memory, with a clock that the test advances.

import type { OutgoingBatch, ProducerOptions, TrafficProducer } from '../../brokers/driver.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { messagesPerSecond } from '../../core/units.ts';
import { seconds } from '../../core/clock.ts';
import type { KeySpec } from '../../loadgen/plan/messages/message-spec.ts';
import { readMark, readNumber } from '../../loadgen/delivery/payload-header.ts';
import { producerOptionsOf } from '../../loadgen/plan/workload/broker-fit.ts';
import { defined } from '../../core/defined.ts';
import type { Segment } from '../../loadgen/plan/profiles/profile.ts';
import { createSchedule, type Extension } from '../../loadgen/execute/schedule.ts';
import { dealSlots } from '../../loadgen/execute/workers/worker-numbers.ts';
import { startProduction } from '../../loadgen/execute/workers/produce.ts';
import { createThrottleCount } from '../../loadgen/execute/workers/throttle-count.ts';
import { createFakeBroker, type Fate } from './fake-broker.ts';
import { createManualRunClock } from './manual-run-clock.ts';
import { sendingOf } from './sending.ts';

const idle = { eventLoopUtilisation: 0, eventLoopDelayMaxSeconds: 0, cpuSeconds: 0 };
export const rateOf = (rate: number, duration: number): Segment => ({
  kind: 'rate',
  from: messagesPerSecond(rate),
  to: messagesPerSecond(rate),
  duration: seconds(duration),
});
export const lanesOf = (lanes: number, duration: number): Segment => ({
  kind: 'lanes',
  lanes,
  duration: seconds(duration),
});

export async function openProduction(given: {
  workers?: number;
  worker?: number;
  mostUnanswered?: number;
  answerSeconds?: number;
  topics?: string[];
  keys?: KeySpec;
  requests?: ProducerOptions['requests'];
  lingerSeconds?: number;
  maxTps?: number;
  mostMessageBytes?: number;
  broker?: BrokerKind;
  tag?: string;
  fateOf?: (sequence: number, batch: OutgoingBatch) => Fate;
  endTransactions?: TrafficProducer['endTransactions'];
}) {
  const { workers = 1, worker = 0, mostUnanswered = 5, topics = ['t'], keys = { kind: 'none' }, fateOf } = given;
  const clock = createManualRunClock();
  const partitions = 3;
  const broker = createFakeBroker({
    topics: Object.fromEntries(topics.map((topic) => [topic, partitions])),
    clock: { now: () => new Date(0), monotonic: () => seconds(clock.elapsed()), sleep: sleepBy(clock) },
    ...(fateOf && { fateOf: (batch, sequence) => fateOf(sequence, batch) }),
  });
  const schedule = createSchedule();
  const driven: number[] = [];
  const kind = given.broker ?? 'kafka';
  const { lingerSeconds = 0.005, requests, tag } = given;
  const sending = sendingOf({ linger: `${lingerSeconds}s`, ...defined({ requests, tag }) });
  const production = startProduction(
    {
      broker: kind,
      worker,
      workers,
      slots: dealSlots(workers, 64)[worker] ?? [],
      slotCount: 64,
      attempt: 1,
      topics,
      partitions,
      sending,
      transactionalId: 'tx-1',
      messages: { seed: 1, sizes: { kind: 'fixed', bytes: 100 }, keys, filler: { kind: 'random' } },
      mark: 7,
      mostUnanswered,
      ...(given.maxTps !== undefined && { maxTps: given.maxTps }),
      ...(given.mostMessageBytes !== undefined && { mostMessageBytes: given.mostMessageBytes }),
      answerSeconds: given.answerSeconds ?? 5,
    },
    {
      schedule,
      producer: {
        ...(await broker.traffic().producer(producerOptionsOf(sending, kind, 'tx-1'))),
        ...(given.endTransactions && { endTransactions: given.endTransactions }),
      },
      clock,
      epochMicroseconds: 1e15,
      fromSeconds: 0,
      takeLoad: () => idle,
      throttling: createThrottleCount(),
      onDriven: (until) => driven.push(until),
    },
  );
  const extend = (segments: Segment[], over: Partial<Extension> = {}) => {
    schedule.extend({ segments, atSeconds: schedule.endSeconds, fromNumber: schedule.endNumber, ...over });
    production.extended();
  };
  const storedIn = (topic: string, partition: number) =>
    broker.stored(topic, partition).flatMap((value) => (readMark(value) === 7 ? [readNumber(value)] : []));
  const numbers = () =>
    topics
      .flatMap((topic) => [0, 1, 2].flatMap((partition) => storedIn(topic, partition)))
      .sort((a = 0, b = 0) => a - b);
  return { clock, production, schedule, extend, driven, numbers, storedIn, broker };
}

const sleepBy =
  (clock: ReturnType<typeof createManualRunClock>) =>
  (duration: number, { signal = new AbortController().signal }: { signal?: AbortSignal } = {}) =>
    clock.sleepUntil(clock.elapsed() + duration, { signal });

export async function produce({
  rate,
  duration,
  ...given
}: Parameters<typeof openProduction>[0] & { rate: number; duration: number }) {
  const opened = await openProduction(given);
  opened.extend([rateOf(rate, duration)]);
  return opened;
}

export function producedLine(lines: ReturnType<ReturnType<typeof startProduction>['report']>) {
  const [line] = lines;
  if (line?.kind !== 'produced') throw new Error('no produced line');
  return line;
}
