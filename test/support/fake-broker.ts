// Simulates a broker in memory that can be slow, fail or stall.

import type {
  ConsumerOptions,
  Echo,
  EchoPosition,
  IncomingBatch,
  OnBatch,
  OutgoingBatch,
  TrafficConsumer,
  TrafficDriver,
  TrafficProducer,
} from '../../brokers/driver.ts';
import { type Clock, type Seconds, systemClock, untilAborted } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';

/** Outcome of one batch. A stalled batch gets no response: only its signal ends the wait. */
export type Fate =
  { kind: 'acknowledge'; after?: Seconds } | { kind: 'fail'; error: AppError; after?: Seconds } | { kind: 'stall' };

export interface FakeBrokerOptions {
  /** Partition count per topic; batches for other topics are refused. */
  topics: Readonly<Record<string, number>>;
  /** @param sequence counts the batches sent to this broker from 0 */
  fateOf?: (batch: OutgoingBatch, sequence: number) => Fate;
  /** Outcome of reading a value back. @param sequence counts the values read back from 0 */
  readFateOf?: (place: EchoPosition, sequence: number) => Fate;
  /** Leader of a partition; undefined if it has none. */
  leaderOf?: (topic: string, partition: number) => string | undefined;
  clock?: Clock;
}

export interface FakeBroker {
  traffic(): TrafficDriver;
  /** Values stored in one partition, in order. */
  stored(topic: string, partition: number): readonly Buffer[];
  /** Offset after the last value committed by the group; absent if it never committed. */
  committed(group: string, topic: string, partition: number): number | undefined;
  members(group: string): number;
  /** Adds partitions to a topic, and notifies its producers. */
  add(topic: string, partitions: readonly number[]): void;
}

interface Member {
  assigned: readonly number[];
  wake: () => void;
}

interface Message {
  value: Buffer;
  key?: Buffer;
}

interface Group {
  members: Set<Member>;
  committed: Map<string, number>;
}

/** Maximum values per delivered batch, like the size limit of a real fetch. */
const valuesPerDelivery = 500;

export function createFakeBroker({
  topics,
  fateOf,
  readFateOf,
  leaderOf = () => '1',
  clock = systemClock,
}: FakeBrokerOptions): FakeBroker {
  const logs = new Map<string, Message[]>();
  const groups = new Map<string, Group>();
  const grown = new Map<string, readonly number[]>();
  let sequence = 0;
  let readSequence = 0;
  /** Resolves at the next value of any partition. */
  let stored = Promise.withResolvers<void>();

  for (const [topic, partitions] of Object.entries(topics)) {
    for (let partition = 0; partition < partitions; partition++) logs.set(keyOf(topic, partition), []);
  }

  /** @returns offset of the first value, or undefined without waiting */
  async function send(batch: OutgoingBatch, waitsForAnswer: boolean, signal: AbortSignal): Promise<number | undefined> {
    signal.throwIfAborted();
    const log = logs.get(keyOf(batch.topic, batch.partition));
    if (log === undefined) {
      throw new AppError(
        'broker-refused',
        `cannot send to ${batch.topic}-${batch.partition}: there is no such partition`,
      );
    }
    const fate = fateOf?.(batch, sequence++) ?? { kind: 'acknowledge' };
    const answer = answerOf(fate, log, batch, signal);
    if (waitsForAnswer) return answer;
    // With acks `none`, there is no response that could fail, as on the wire.
    answer.catch(() => {});
    return undefined;
  }

  async function answerOf(fate: Fate, log: Message[], batch: OutgoingBatch, signal: AbortSignal): Promise<number> {
    if (fate.kind === 'stall') return rejectWhenAborted(signal);
    if (fate.after !== undefined) await clock.sleep(fate.after, { signal });
    if (fate.kind === 'fail') throw fate.error;
    const offset =
      log.push(...batch.values.map((value, index) => copyOf(value, batch.keys?.[index]))) - batch.values.length;
    for (const group of groups.values()) for (const member of group.members) member.wake();
    stored.resolve();
    stored = Promise.withResolvers();
    return offset;
  }

  async function consume(
    options: ConsumerOptions,
    onBatch: OnBatch,
    { signal, onAssigned }: { signal: AbortSignal; onAssigned?: () => void },
  ): Promise<void> {
    const { group: groupName, topic, commits } = options;
    const partitions = topics[topic];
    if (partitions === undefined)
      throw new AppError('broker-refused', `cannot consume ${topic}: there is no such topic`);
    const group = groups.get(groupName) ?? { members: new Set(), committed: new Map() };
    groups.set(groupName, group);
    let woken = Promise.withResolvers<void>();
    const member: Member = { assigned: [], wake: () => woken.resolve() };
    group.members.add(member);
    rebalance(group, partitions);
    const positions = new Map<number, number>();
    const inHand = new Set<Promise<void>>();
    const held = new Set<number>();
    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    signal.addEventListener('abort', member.wake, { once: true });
    try {
      startAt(positions, member, group, options);
      onAssigned?.();
      while (!signal.aborted) {
        woken = Promise.withResolvers();
        startAt(positions, member, group, options);
        let delivered = false;
        for (const partition of member.assigned.filter((each) => !held.has(each))) {
          const batch = nextOf(partition, positions, options);
          if (batch === undefined) continue;
          delivered = true;
          const given = onBatch(batch);
          const through = () => {
            const next = (positions.get(partition) ?? 0) + batch.values.length;
            positions.set(partition, next);
            if (commits !== 'never') group.committed.set(keyOf(topic, partition), next);
          };
          if (given === undefined) through();
          else hold(partition, given.then(through));
        }
        if (!delivered) await Promise.race([woken.promise, failed]);
        // Deliveries yield to timers and senders, as socket reads do.
        else await new Promise(setImmediate);
      }
    } finally {
      await Promise.all(inHand);
      signal.removeEventListener('abort', member.wake);
      group.members.delete(member);
      rebalance(group, partitions);
    }

    function hold(partition: number, through: Promise<void>): void {
      held.add(partition);
      const release = () => {
        held.delete(partition);
        inHand.delete(ended);
        member.wake();
      };
      const ended = through.then(release, fail);
      inHand.add(ended);
    }
  }

  /** Returns the committed offset of the group, else the current log end or log start. */
  function startAt(
    positions: Map<number, number>,
    member: Member,
    group: Group,
    { topic, from = 'end' }: ConsumerOptions,
  ): void {
    for (const partition of positions.keys()) if (!member.assigned.includes(partition)) positions.delete(partition);
    for (const partition of member.assigned) {
      if (positions.has(partition)) continue;
      const key = keyOf(topic, partition);
      const fresh = from === 'start' ? 0 : (logs.get(key)?.length ?? 0);
      positions.set(partition, group.committed.get(key) ?? fresh);
    }
  }

  function nextOf(
    partition: number,
    positions: ReadonlyMap<number, number>,
    { topic, withKeys = false }: ConsumerOptions,
  ): IncomingBatch | undefined {
    const position = positions.get(partition) ?? 0;
    const messages = (logs.get(keyOf(topic, partition)) ?? []).slice(position, position + valuesPerDelivery);
    if (messages.length === 0) return undefined;
    const values = messages.map(({ value }) => value);
    const offsets = messages.map((_, index) => position + index);
    return { topic, partition, values, offsets, ...(withKeys ? { keys: messages.map(({ key }) => key) } : {}) };
  }

  const producer = (waitsForAnswer: boolean): TrafficProducer => ({
    async send(batch, { signal }) {
      await send(batch, waitsForAnswer, signal);
    },
    partitions: (topic) => grown.get(topic),
    async [Symbol.asyncDispose]() {},
  });
  const consumer = (options: ConsumerOptions): TrafficConsumer => ({
    run: (onBatch, io) => consume(options, onBatch, io),
    async [Symbol.asyncDispose]() {},
  });

  const echo = (topic: string): Echo => ({
    async places() {
      const partitions = topics[topic];
      if (partitions === undefined)
        throw new AppError('broker-refused', `cannot use topic ${topic}: there is no such topic`);
      return Array.from({ length: partitions }, (_, partition) => ({
        partition,
        broker: leaderOf(topic, partition),
      })).filter((place): place is EchoPosition => place.broker !== undefined);
    },
    async send({ partition }, value, { signal }) {
      return BigInt((await send({ topic, partition, values: [value] }, true, signal)) ?? -1);
    },
    async read(place, offset, { signal }) {
      const fate = readFateOf?.(place, readSequence++) ?? { kind: 'acknowledge' };
      if (fate.kind === 'stall') return rejectWhenAborted(signal);
      if (fate.after !== undefined) await clock.sleep(fate.after, { signal });
      if (fate.kind === 'fail') throw fate.error;
      for (;;) {
        const message = logs.get(keyOf(topic, place.partition))?.[Number(offset)];
        if (message !== undefined) return message.value;
        await untilAborted(stored.promise, signal);
      }
    },
    async [Symbol.asyncDispose]() {},
  });

  return {
    traffic: () => ({
      producer: async ({ acks }) => producer(acks !== 'none'),
      consumer: async (options) => consumer(options),
      echo: async ({ topic }) => echo(topic),
      async [Symbol.asyncDispose]() {},
    }),
    stored: (topic, partition) => (logs.get(keyOf(topic, partition)) ?? []).map(({ value }) => value),
    committed: (group, topic, partition) => groups.get(group)?.committed.get(keyOf(topic, partition)),
    members: (group) => groups.get(group)?.members.size ?? 0,
    add(topic, partitions) {
      for (const partition of partitions) logs.set(keyOf(topic, partition), []);
      const before = grown.get(topic) ?? Array.from({ length: topics[topic] ?? 0 }, (_, partition) => partition);
      grown.set(topic, [...before, ...partitions]);
    },
  };
}

const copyOf = (value: Buffer, key: Buffer | undefined): Message => ({
  value: Buffer.from(value),
  ...(key === undefined ? {} : { key: Buffer.from(key) }),
});

const keyOf = (topic: string, partition: number) => `${topic}-${partition}`;

/** Assigns partitions round robin, so that every member of a full group has some. */
function rebalance({ members }: Group, partitions: number): void {
  [...members].forEach((member, turn) => {
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    member.assigned = all.filter((partition) => partition % members.size === turn);
    member.wake();
  });
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  return promise;
}
