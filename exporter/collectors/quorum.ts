// Exports the KRaft quorum: leader, epoch and lag of the other replicas.

import type { Quorum, QuorumReplica } from '../../brokers/kafka/reading/quorum.ts';
import { ok, type ClusterCollector, labelled, type Measurement } from '../collector.ts';

const ofCluster = labelled();
const perReplica = labelled('node', 'role');

export const quorum = {
  of: 'kafka',
  source: 'DescribeQuorum (KRaft only)',
  cost: '1 request a collection',
  metrics: {
    kafka_quorum_leader: labelled('node').flag('1 for the voter that leads the KRaft quorum, 0 for the others.'),
    kafka_quorum_epoch: ofCluster.gauge('Leader elections since the cluster was created (epoch).', 'elections'),
    kafka_quorum_high_watermark: ofCluster.gauge('High watermark of the metadata log.', 'records'),
    kafka_quorum_replica_lag: perReplica.gauge(
      'Records of the metadata log that the voter or observer (a broker) has not replicated: end offset of the leader minus its own.',
      'records',
    ),
    kafka_quorum_replica_caught_up_timestamp_seconds: perReplica.gauge(
      "Time at which the voter or observer last had the whole log of the leader, by the leader's clock. Absent before Kafka 3.3.",
    ),
  },

  collect({ snapshot: { kafka, sections } }) {
    if (kafka?.quorum !== undefined) return ok(quorumOf(kafka.quorum));
    // A ZooKeeper cluster has no quorum to read.
    if (!sections.some(({ section }) => section === 'quorum')) return ok([]);
    return { kind: 'no-data', reason: 'the quorum could not be read' };
  },
} satisfies ClusterCollector;

function* quorumOf({ leader, epoch, highWatermark, voters, observers }: Quorum): Iterable<Measurement> {
  yield { metric: 'kafka_quorum_epoch', labels: [], value: epoch };
  yield { metric: 'kafka_quorum_high_watermark', labels: [], value: highWatermark };
  for (const { id } of voters) yield { metric: 'kafka_quorum_leader', labels: [id], value: Number(id === leader) };
  const end = voters.find(({ id }) => id === leader)?.logEnd;
  for (const voter of voters) yield* followingOf(voter, 'voter', end);
  for (const observer of observers) yield* followingOf(observer, 'observer', end);
}

function* followingOf(
  { id, logEnd, lastCaughtUpMs }: QuorumReplica,
  role: string,
  end?: bigint,
): Iterable<Measurement> {
  const labels = [id, role];
  // A follower that never fetched from this leader reports an end of -1.
  if (end !== undefined && logEnd >= 0n) {
    yield { metric: 'kafka_quorum_replica_lag', labels, value: end > logEnd ? end - logEnd : 0n };
  }
  if (lastCaughtUpMs !== undefined) {
    yield { metric: 'kafka_quorum_replica_caught_up_timestamp_seconds', labels, value: lastCaughtUpMs / 1000 };
  }
}
