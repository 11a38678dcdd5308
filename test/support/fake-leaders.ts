// Simulates a Kafka cluster of three brokers that moves leaders and receives messages.

import type { KafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import type { Partition } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import type { OriginalPartition } from '../../ops/kafka/redline/lead.ts';

/** Behaves like a controller: a new replica order changes no leader, and an election chooses the first in-sync replica. */
export function fakeLeaders(partitions: readonly OriginalPartition[]) {
  const state = new Map<string, Partition>();
  const ends = new Map<string, number>();
  const add = ({ topic, partition, replicas, leader }: OriginalPartition) => {
    const ids = replicas.map(String);
    state.set(`${topic}-${partition}`, {
      topic,
      partition,
      replicas: ids,
      inSyncReplicas: ids,
      leader: String(leader),
    });
    ends.set(`${topic}-${partition}`, 0);
  };
  partitions.forEach(add);
  const put = (key: string, change: Partial<Partition>) => {
    const known = state.get(key);
    if (known !== undefined) state.set(key, { ...known, ...change });
  };
  let away = 0;
  let changed = 0;
  const changes = {
    async describe() {
      if (away > 0) {
        away -= 1;
        throw new AppError('broker-unreachable', 'no broker answers');
      }
      const named = Map.groupBy(state.values(), ({ topic }) => topic);
      return {
        brokers: ['1', '2', '3'].map((id) => ({ id, address: `b${id}:9092` })),
        topics: [...named].map(([name, all]) => ({ name, internal: false, partitions: all })),
      };
    },
    moving: async () => [],
    sizes: async () => [],
    async offsetsAt(of) {
      return of.map(({ topic, partition }) => ({
        topic,
        partition,
        offset: BigInt(Math.round(ends.get(`${topic}-${partition}`) ?? 0)),
      }));
    },
    async reassign(wanted) {
      for (const { topic, partition, replicas = [] } of wanted) {
        changed += 1;
        put(`${topic}-${partition}`, { replicas: replicas.map(String) });
      }
      return [];
    },
    async electPreferred(wanted) {
      for (const { topic, partition } of wanted) {
        const known = state.get(`${topic}-${partition}`);
        const [first = ''] = known?.replicas ?? [];
        if (known?.inSyncReplicas.includes(first)) put(`${topic}-${partition}`, { leader: first });
      }
      return [];
    },
  } satisfies Partial<KafkaChanges>;
  return {
    changes,
    add,
    put,
    /** Adds messages to every partition. */
    send(messages: number) {
      for (const [key, end] of ends) ends.set(key, end + messages);
    },
    changed: () => changed,
    goAway: (times: number) => (away = times),
    delete: (key: string) => state.delete(key),
    layout: () => [...state.values()].map(({ replicas, leader }) => `${leader}:${replicas.join()}`),
  };
}
