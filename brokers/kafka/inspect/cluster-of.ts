// Describes a Kafka cluster from its metadata, with the quorum leader as the controller of a KRaft cluster.

import type { Cluster } from '../../../core/cluster.ts';
import { defined } from '../../../core/defined.ts';
import type { KafkaMetadata } from '../client.ts';
import type { Quorum } from '../reading/quorum.ts';
import { kafkaVersionOf } from '../versions.ts';
import { type ApiRanges, speaks } from '../wire/links.ts';

export const isKraft = (ranges: ApiRanges) => speaks(ranges, 'DescribeQuorum', 0);

/**
 * A broker of a KRaft cluster names any broker as controller in its metadata, because each forwards requests to it
 * (KIP-590).
 *
 * @param quorum absent if not read; then the controller of a KRaft cluster is unknown
 */
export function clusterOf(
  name: string,
  ranges: ApiRanges,
  { clusterId, controllerId, brokers }: Omit<KafkaMetadata, 'topics'>,
  quorum?: Pick<Quorum, 'leader'>,
): Cluster {
  const controller = isKraft(ranges) ? quorum?.leader : controllerId;
  const known = defined({ clusterId, version: kafkaVersionOf(ranges), controllerId: controller });
  return { name, kind: 'kafka', ...known, brokers };
}
