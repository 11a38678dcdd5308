// Reads all client quotas with DescribeClientQuotas (Kafka 2.6 and later), from any broker.

import { describeClientQuotasV0, describeClientQuotasV1 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from './links.ts';

/** Clients that a quota applies to: a name, null for the default, absent if the quota does not depend on that part. */
export interface QuotaEntity {
  user?: string | null;
  clientId?: string | null;
}

export interface ClientQuotas {
  entity: QuotaEntity;
  /** Values by Kafka's name of the quota, such as `producer_byte_rate`. */
  values: ReadonlyMap<string, number>;
}

const everything: [] = [];

/** @throws AppError unsupported-broker before Kafka 2.6, broker-refused without the permission to describe the cluster's configs */
export async function describeClientQuotas(link: Link, io: Io): Promise<ClientQuotas[]> {
  const api = newestSpoken(link, describeClientQuotasV1.api, describeClientQuotasV0.api);
  const { entries } = await link.ask('read client quotas', io, api, everything, false);
  return (entries ?? []).flatMap(({ entity, values }) => {
    // Quotas by IP address limit how often clients connect.
    if (entity.some(({ entityType }) => entityType === 'ip')) return [];
    const named = (part: string) => entity.find(({ entityType }) => entityType === part);
    const [user, clientId] = [named('user'), named('client-id')];
    return [
      {
        entity: {
          ...(user && { user: user.entityName ?? null }),
          ...(clientId && { clientId: clientId.entityName ?? null }),
        },
        values: new Map(values.map(({ key, value }) => [key, value])),
      },
    ];
  });
}
