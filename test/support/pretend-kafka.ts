// Simulates a Kafka for reassignments with refusals, lost brokers and dying operators.

import type { KafkaChanges, MovingPartition } from '../../brokers/kafka/changes/kafka-changes.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { UnreadLoss } from '../../ops/kafka/live/retention-cut.ts';
import { createHandClock } from './hand-clock.ts';

export interface PretendPartition {
  topic: string;
  partition: number;
  replicas: number[];
  bytes: number;
}

export interface Pretend {
  changes: KafkaChanges;
  clock: Clock;
  /** Brokers that respond. */
  alive: Set<number>;
  /** Settings by `broker 1` or `topic orders`. */
  settings: Map<string, Map<string, string>>;
  replicasOf(): number[][];
  leaders(): (number | undefined)[];
  moving: Map<string, { target: number[]; adding: number[]; begun: number }>;
  /** Seconds that a move takes, unless replicas are copied at a rate. */
  copySeconds: number;
  /** Bytes per second of replica copying, and of writes to each partition in the same time. */
  pace?: { copied: number; written: number };
  /** Seconds for which brokers report outdated metadata after a change, because they learn of it after the controller. */
  metadataLag: number;
  /** Bytes by which each partition grows between two size readings. */
  growth: number;
  /** Messages older than this that groups have not read. */
  unread: (retentionMs: number) => readonly UnreadLoss[];
  /** Called before each request with its name; it may throw the error response of the cluster. */
  onRequest: (name: string) => void;
}

/** Defaults of settings that a broker changes by a factor of two at most. */
const threadCounts: Readonly<Record<string, number>> = { 'num.io.threads': 8, 'num.replica.fetchers': 1 };

export function pretendKafka(partitions: readonly PretendPartition[], brokers: readonly number[]): Pretend {
  const clock = createHandClock(1_000_000);
  const state = partitions.map((each) => ({ ...each, replicas: [...each.replicas], leader: each.replicas[0] }));
  const pretend: Pretend = {
    clock,
    alive: new Set(brokers),
    settings: new Map(),
    moving: new Map(),
    replicasOf: () => state.map(({ replicas }) => replicas),
    leaders: () => state.map(({ leader }) => leader),
    copySeconds: 3,
    metadataLag: 0,
    growth: 0,
    unread: () => [],
    onRequest: () => undefined,
    changes: undefined as unknown as KafkaChanges,
  };
  const key = ({ topic, partition }: { topic: string; partition: number }) => `${topic}-${partition}`;
  const find = (named: { topic: string; partition: number }) => state.find((each) => key(each) === key(named));
  const own = (of: { kind: string; name: string }) => {
    const name = `${of.kind} ${of.name}`;
    const known = pretend.settings.get(name) ?? new Map<string, string>();
    pretend.settings.set(name, known);
    return known;
  };

  const began = clock.monotonic();
  const written = () => (pretend.pace?.written ?? 0) * (clock.monotonic() - began);
  const copied = (begun: number) => (pretend.pace?.copied ?? 0) * (clock.monotonic() - begun);

  function isCopied(name: string, begun: number): boolean {
    if (pretend.pace === undefined) return clock.monotonic() - begun >= pretend.copySeconds;
    const moved = state.find((each) => key(each) === name);
    return copied(begun) >= (moved?.bytes ?? 0) + written();
  }

  function pass(): void {
    for (const [name, { target, begun }] of pretend.moving) {
      if (!isCopied(name, begun) || target.some((id) => !pretend.alive.has(id))) continue;
      const moved = state.find((each) => key(each) === name);
      if (moved !== undefined) place(moved, target);
      pretend.moving.delete(name);
    }
  }

  function place(moved: (typeof state)[number], target: readonly number[]): void {
    moved.replicas = [...target];
    if (!target.includes(moved.leader ?? -1)) moved.leader = target.find((id) => pretend.alive.has(id));
  }

  function begin(name: string): void {
    pretend.onRequest(name);
    pass();
  }

  function refuseGone({ kind, name }: { kind: string; name: string }): void {
    if (kind !== 'broker' || pretend.alive.has(Number(name))) return;
    throw new AppError('not-found', `broker ${name} is not in cluster pretend now`);
  }

  function refuseFarCount(of: { kind: string; name: string }, name: string, value: string | undefined): void {
    const usual = threadCounts[name];
    if (of.kind !== 'broker' || usual === undefined) return;
    const current = Number(own(of).get(name) ?? usual);
    const wanted = Number(value ?? usual);
    if (wanted >= Math.floor(current / 2) && wanted <= current * 2) return;
    const bound = wanted > current ? 'not be greater than double' : 'be at least half';
    throw new AppError(
      'broker-refused',
      `cannot change ${name} of broker ${of.name} on 127.0.0.1:9001: INVALID_REQUEST, Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation failed for ${name}=${wanted}, value should ${bound} the current value ${current} for configuration Invalid dynamic configuration`,
    );
  }

  const movingNow = (): MovingPartition[] =>
    [...pretend.moving].map(([name, { target, adding }]) => {
      const { topic = '', partition = 0, replicas = [] } = state.find((each) => key(each) === name) ?? {};
      return {
        topic,
        partition,
        replicas: [...new Set([...target, ...replicas])],
        adding,
        removing: replicas.filter((id) => !target.includes(id)),
      };
    });

  type Topics = Awaited<ReturnType<KafkaChanges['describe']>>['topics'];
  let current: Topics | undefined;
  let former: { topics: Topics; until: number } | undefined;
  function lagging(topics: Topics): Topics {
    if (current !== undefined && JSON.stringify(topics) !== JSON.stringify(current)) {
      former = { topics: current, until: clock.monotonic() + pretend.metadataLag };
    }
    current = topics;
    return former !== undefined && clock.monotonic() < former.until ? former.topics : topics;
  }

  pretend.changes = {
    async describe() {
      begin('describe');
      const ids = [...pretend.alive].sort((one, other) => one - other);
      const moves = new Map(movingNow().map((each) => [key(each), each]));
      return {
        clusterId: 'pretend',
        brokers: ids.map((id) => ({ id: String(id), address: `127.0.0.1:${9000 + id}` })),
        topics: lagging(
          [...Map.groupBy(state, ({ topic }) => topic)].map(([name, parts]) => ({
            name,
            internal: false,
            partitions: parts.map(({ topic, partition, replicas, leader }) => ({
              topic,
              partition,
              ...(leader !== undefined && pretend.alive.has(leader) && { leader: String(leader) }),
              replicas: (moves.get(key({ topic, partition }))?.replicas ?? replicas).map(String),
              inSyncReplicas: replicas.filter((id) => pretend.alive.has(id)).map(String),
            })),
          })),
        ),
      };
    },
    canReassign: async () => true,
    async moving() {
      begin('moving');
      return movingNow();
    },
    async reassign(wanted) {
      begin('reassign');
      for (const each of wanted) {
        const known = find(each);
        if (known === undefined) continue;
        if (each.replicas === undefined) pretend.moving.delete(key(each));
        else {
          const adding = each.replicas.filter((id) => !known.replicas.includes(id));
          if (adding.length === 0) place(known, each.replicas);
          else pretend.moving.set(key(each), { target: [...each.replicas], adding, begun: clock.monotonic() });
        }
      }
      return [];
    },
    async electPreferred(wanted) {
      begin('elect');
      for (const each of wanted) {
        const known = find(each);
        if (known !== undefined) known.leader = known.replicas[0];
      }
      return [];
    },
    createPartitions: async () => undefined,
    async settingsOf(of, keys) {
      begin('settingsOf');
      refuseGone(of);
      const known = own(of);
      return new Map(
        keys.map((name) => [
          name,
          { isOwn: known.has(name), ...(known.has(name) && { value: known.get(name) as string }) },
        ]),
      );
    },
    async alterSettings(of, changes) {
      begin('alterSettings');
      refuseGone(of);
      for (const [name, value] of Object.entries(changes)) refuseFarCount(of, name, value);
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) own(of).delete(name);
        else own(of).set(name, value);
      }
    },
    async sizes() {
      begin('sizes');
      for (const each of state) each.bytes += pretend.growth;
      return [...pretend.alive].map((broker) => ({
        disk: { broker },
        offline: [],
        replicas: state.flatMap(({ topic, partition, bytes, replicas }) => {
          const whole = { topic, partition, broker, bytes: bytes + written() };
          const move = pretend.moving.get(key(whole));
          if (replicas.includes(broker)) return [whole];
          const isAdded = pretend.pace !== undefined && move?.adding.includes(broker) === true;
          return isAdded ? [{ ...whole, bytes: Math.min(whole.bytes, copied(move.begun)) }] : [];
        }),
      }));
    },
    offsetsAt: async () => [],
    sampleKeys: async () => [],
    async [Symbol.asyncDispose]() {},
  };
  return pretend;
}
