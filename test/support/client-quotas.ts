// Sets and removes client quotas with AlterClientQuotas (Kafka 2.6 and later), through any broker.

import { alterClientQuotasV0, alterClientQuotasV1 } from '@platformatic/kafka';
import type { Io } from '../../brokers/driver.ts';
import type { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { createConnections, defaultTimeouts } from '../../brokers/kafka/wire/connections.ts';
import type { QuotaEntity } from '../../brokers/kafka/wire/describe-client-quotas.ts';
import { firstToAnswer, createLinks, newestSpoken } from '../../brokers/kafka/wire/links.ts';

export interface QuotaChange {
  entity: QuotaEntity;
  /** Bytes per second, or percent of a thread; undefined removes the quota. */
  values: Partial<Record<'producer_byte_rate' | 'consumer_byte_rate' | 'request_percentage', number | undefined>>;
}

/**
 * Brokers apply a change a moment after the response.
 *
 * @throws AppError with the broker's error, unsupported-broker before Kafka 2.6
 */
export async function alterClientQuotas(
  name: string,
  config: KafkaClusterConfig,
  changes: readonly QuotaChange[],
  io: Io,
): Promise<void> {
  await using links = createLinks(createConnections(name, config, defaultTimeouts), { take: async () => undefined });
  const entries = changes.map(({ entity, values }) => ({
    entities: entitiesOf(entity),
    ops: Object.entries(values).map(([key, value]) => ({
      key,
      ...(value === undefined ? { remove: true } : { value, remove: false }),
    })),
  }));
  await firstToAnswer(name, config.bootstrap, io, async (address, within) => {
    const link = await links.to(address, within);
    const api = newestSpoken(link, alterClientQuotasV1.api, alterClientQuotasV0.api);
    await link.ask('change client quotas', within, api, entries as Parameters<typeof api>[1], false);
  });
}

function entitiesOf({ user, clientId }: QuotaEntity) {
  return [
    ...(user === undefined ? [] : [{ entityType: 'user', entityName: user }]),
    ...(clientId === undefined ? [] : [{ entityType: 'client-id', entityName: clientId }]),
  ];
}
