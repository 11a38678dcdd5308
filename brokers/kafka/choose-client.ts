// Chooses the client library for a cluster: the configured one, else the first whose requests the brokers support.

import { AppError } from '../../core/errors.ts';
import type { KafkaClient } from './client.ts';
import { clientNames, type KafkaClientName } from './config.ts';
import { kafkaVersionOf } from './versions.ts';
import type { ApiRange, ApiRanges } from './wire/links.ts';

interface ClientChoice {
  load(): Promise<KafkaClient>;
  /** Versions of each request that the client can use; the broker must support one of them. */
  speaks: Readonly<Record<string, ApiRange>>;
}

const only = (version: number): ApiRange => ({ min: version, max: version });
const upTo = (max: number, min = 0): ApiRange => ({ min, max });

/**
 * Clients in order of preference: on Kafka 2.8.2, 3.9.2 and 4.3.1, platformatic produces with a quarter to a third of
 * kafkajs's CPU and consumes with no more (docs/adr/0010-kafka-clients.md). Its row lists the one version of each
 * request sent here, kafkajs's row those in its src/protocol/requests.
 */
export const clients: Readonly<Record<KafkaClientName, ClientChoice>> = {
  platformatic: {
    load: async () => (await import('./platformatic/client.ts')).platformaticClient,
    speaks: {
      Produce: only(9),
      Fetch: only(12),
      ListOffsets: only(6),
      Metadata: only(9),
      OffsetCommit: only(8),
      OffsetFetch: only(7),
      FindCoordinator: only(3),
      JoinGroup: only(7),
      Heartbeat: only(4),
      LeaveGroup: only(4),
      SyncGroup: only(5),
    },
  },
  kafkajs: {
    load: async () => (await import('./kafkajs/client.ts')).kafkajsClient,
    speaks: {
      Produce: upTo(7),
      Fetch: upTo(11),
      ListOffsets: upTo(3),
      Metadata: upTo(6),
      OffsetCommit: upTo(5),
      OffsetFetch: upTo(4, 1),
      FindCoordinator: upTo(2),
      JoinGroup: upTo(5),
      Heartbeat: upTo(3),
      LeaveGroup: upTo(3),
      SyncGroup: upTo(3),
    },
  },
};

/** @throws AppError unsupported-broker that names the requests without a common version */
export function chooseClient(name: string, wanted: KafkaClientName | 'auto', ranges: ApiRanges): KafkaClientName {
  const candidates = wanted === 'auto' ? clientNames : [wanted];
  for (const candidate of candidates) {
    if (unmetRequests(clients[candidate].speaks, ranges).length === 0) return candidate;
  }
  const [candidate] = candidates;
  const unmet = candidate === undefined ? [] : unmetRequests(clients[candidate].speaks, ranges);
  const release = kafkaVersionOf(ranges);
  throw new AppError(
    'unsupported-broker',
    `cannot connect to cluster ${name}${release === undefined ? '' : ` (Kafka ${release})`} with ${candidates.join(' or ')}: ` +
      `no common version of ${unmet.join(', ')}`,
  );
}

function unmetRequests(spoken: Readonly<Record<string, ApiRange>>, ranges: ApiRanges): string[] {
  return Object.entries(spoken)
    .filter(([api, { min, max }]) => {
      const range = ranges.get(api);
      return range === undefined || range.max < min || range.min > max;
    })
    .map(([api]) => api);
}
