// Places replicas and leaders of new partitions: leaders on brokers with the fewest, followers in other racks.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { Topic } from '../../../core/cluster.ts';
import { defined } from '../../../core/defined.ts';
import { AppError } from '../../../core/errors.ts';
import { named } from '../../../core/text/bilingual.ts';
import { findingIf } from '../../change/change-kind.ts';
import { usableRacks } from '../live/usable-racks.ts';

export interface LeaderLoad {
  broker: number;
  /** Number of preferred leaders of the topic, and of all topics. */
  topic: { before: number; after: number };
  all: { before: number; after: number };
}

/**
 * Controllers do not compare a placement that a client chooses with cordoned brokers (KIP-1066). Prefers brokers with the fewest leaders of this topic, then of all topics, then with the fewest replicas. @returns
 * replicas of each new partition, the preferred leader first; findings if racks are ignored
 * @throws AppError change-refused if fewer brokers are listed than a partition has replicas
 */
export function planPartitions(
  { brokers, topics }: KafkaMetadata,
  topic: Topic,
  to: number,
  cordoned: ReadonlySet<string> = new Set(),
) {
  const factor = usualFactor(topic);
  if (brokers.length < factor) {
    const up = brokers.map(({ id }) => id).join(', ');
    const attempt = `each new partition of ${topic.name} needs ${factor} replicas, but the cluster lists only brokers ${up}`;
    throw new AppError('change-refused', attempt, { hint: 'start the missing brokers, and run the command again' });
  }
  const open = brokers.filter(({ id }) => !cordoned.has(id));
  const isEnough = open.length >= factor;
  const listed = (isEnough ? open : brokers).map(({ id, rack }) => ({ id: Number(id), ...defined({ rack }) }));
  const { brokers: known, findings } = usableRacks(listed, []);
  const tally = known.map(({ id, rack }) => ({ id, rack, ofTopic: 0, ofAll: 0, held: 0, heldOfTopic: 0 }));
  const of = new Map(tally.map((each) => [each.id, each]));
  for (const { topic: name, replicas } of topics.flatMap(({ partitions }) => partitions)) {
    for (const [place, id] of replicas.map(Number).entries()) {
      const broker = of.get(id);
      if (broker === undefined) continue;
      broker.held += 1;
      if (name === topic.name) broker.heldOfTopic += 1;
      if (place > 0) continue;
      broker.ofAll += 1;
      if (name === topic.name) broker.ofTopic += 1;
    }
  }
  const before = new Map(tally.map(({ id, ofTopic, ofAll }) => [id, { ofTopic, ofAll }]));
  const assignments: number[][] = [];
  while (topic.partitions.length + assignments.length < to) {
    const [leader] = tally.toSorted(
      (one, other) =>
        one.ofTopic - other.ofTopic || one.ofAll - other.ofAll || one.held - other.held || one.id - other.id,
    );
    if (leader === undefined) break;
    const chosen = [leader];
    while (chosen.length < factor) {
      const inRack = (rack: string | undefined) =>
        rack === undefined ? 0 : chosen.filter((each) => each.rack === rack).length;
      const [next] = tally
        .filter((each) => !chosen.includes(each))
        .toSorted(
          (one, other) =>
            inRack(one.rack) - inRack(other.rack) ||
            one.heldOfTopic - other.heldOfTopic ||
            one.held - other.held ||
            one.id - other.id,
        );
      if (next === undefined) break;
      chosen.push(next);
    }
    leader.ofTopic += 1;
    leader.ofAll += 1;
    for (const each of chosen) {
      each.held += 1;
      each.heldOfTopic += 1;
    }
    assignments.push(chosen.map(({ id }) => id));
  }
  return {
    assignments,
    load: tally.map(({ id, ofTopic, ofAll }): LeaderLoad => ({
      broker: id,
      topic: { before: before.get(id)?.ofTopic ?? 0, after: ofTopic },
      all: { before: before.get(id)?.ofAll ?? 0, after: ofAll },
    })),
    findings: [
      ...(factor > 1 ? findings : []),
      ...findingIf(!isEnough, 'critical', 'brokers-cordoned', {
        en: `Only ${open.length} brokers are not cordoned (cordoned.log.dirs), and each partition needs ${factor}: ${named([...cordoned])} would get replicas.`,
        zh: `未封锁（cordoned.log.dirs）的 Broker 只有 ${open.length} 个，而每个分区需要 ${factor} 个：已封锁的 Broker ${named([...cordoned], 5, 'zh')} 将获得副本。`,
      }),
    ],
  };
}

function usualFactor({ partitions }: Topic): number {
  const times = Map.groupBy(partitions, ({ replicas }) => replicas.length);
  return [...times].reduce((best, [factor, own]) => (own.length > (times.get(best)?.length ?? 0) ? factor : best), 1);
}
