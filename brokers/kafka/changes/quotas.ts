// Sets and removes quotas of users and clients with AlterClientQuotas (Kafka 2.6 and later).

import { alterClientQuotasV0, alterClientQuotasV1 } from '../library.ts';
import type { Io } from '../../driver.ts';
import type { QuotaEntity } from '../wire/describe-client-quotas.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { refuse } from './settings.ts';

export const quotaKeys = [
  'producer_byte_rate',
  'consumer_byte_rate',
  'request_percentage',
  'controller_mutation_rate',
] as const;
export type QuotaKey = (typeof quotaKeys)[number];

/** Bytes per second, percent of a thread, or partition changes per second; undefined removes the quota. */
export type QuotaChanges = Readonly<Partial<Record<QuotaKey, number | undefined>>>;

/** Formats an entity as `user alice, client-id (default)`. */
export function quotaEntityText({ user, clientId }: QuotaEntity): string {
  const part = (name: string, value: string | null | undefined) =>
    value === undefined ? [] : [`${name} ${value ?? '(default)'}`];
  return [...part('user', user), ...part('client-id', clientId)].join(', ');
}

/** @throws AppError as the controller answers; then nothing is changed */
export async function alterQuotas(
  link: Link,
  of: QuotaEntity,
  changes: QuotaChanges,
  { validateOnly }: { validateOnly: boolean },
  io: Io,
): Promise<void> {
  const api = newestSpoken(link, alterClientQuotasV1.api, alterClientQuotasV0.api);
  const action = `change quotas of ${quotaEntityText(of)}`;
  const { user, clientId } = of;
  const entities = [
    ...(user === undefined ? [] : [{ entityType: 'user' as const, entityName: user }]),
    ...(clientId === undefined ? [] : [{ entityType: 'client-id' as const, entityName: clientId }]),
  ];
  const ops = (Object.entries(changes) as [QuotaKey, number | undefined][]).map(([key, value]) =>
    value === undefined ? { key, remove: true as const } : { key, value, remove: false as const },
  );
  const { entries } = await link.askForParts(action, io, api, [{ entities, ops }], validateOnly);
  refuse(link, { action, api: 'AlterClientQuotas' }, entries[0]?.errorCode, entries[0]?.errorMessage);
}
