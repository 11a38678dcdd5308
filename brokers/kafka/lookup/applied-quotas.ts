// Selects the client quotas that brokers apply to Plimsoll's clients, by Kafka's order of precedence.

import type { ConfiguredQuota, quotaKinds } from '../../../core/documents/evidence/configured-limits.ts';
import type { AppliedQuotas } from '../../lookup.ts';
import type { KafkaClusterConfig } from '../config.ts';
import type { ClientQuotas, QuotaEntity } from '../wire/describe-client-quotas.ts';

export interface ClientIdentity {
  /** Name of the principal; absent if only the broker can derive it. */
  user?: string;
  clientId: string;
}

type QuotaKind = (typeof quotaKinds)[number];

const keys = {
  'produce-quota': { key: 'producer_byte_rate', unit: 1 },
  'fetch-quota': { key: 'consumer_byte_rate', unit: 1 },
  // Percent of a request handler or network thread.
  'request-quota': { key: 'request_percentage', unit: 0.01 },
} as const satisfies Record<QuotaKind, { key: string; unit: number }>;

/** All connections of the load generator, on every machine, use one client id and one user, and so share one quota. */
const shares = 1;

/** Principal of a listener without authentication (KafkaPrincipal.ANONYMOUS). */
const anonymous = 'ANONYMOUS';

/** @returns undefined if the broker derives the name from a certificate, token or Kerberos principal by its rules */
export function userOf({ sasl, tls }: Pick<KafkaClusterConfig, 'sasl' | 'tls'>): string | undefined {
  if (sasl !== undefined) return 'username' in sasl ? sasl.username : undefined;
  return tls?.cert === undefined ? anonymous : undefined;
}

/** @param all quotas of the cluster */
export function appliedQuotas(all: readonly ClientQuotas[], identity: ClientIdentity): AppliedQuotas {
  const quotas: ConfiguredQuota[] = [];
  const unread: string[] = [];
  for (const [kind, { key, unit }] of Object.entries(keys) as [QuotaKind, (typeof keys)[QuotaKind]][]) {
    const set = all.filter(({ values }) => values.has(key));
    if (identity.user === undefined && set.some(({ entity }) => typeof entity.user === 'string')) {
      unread.push(`${kind}: quotas are set for users, and the user of this client is unknown`);
      continue;
    }
    const found = precedence(identity).flatMap((entity) => set.find((each) => isSame(each.entity, entity)) ?? [])[0];
    const value = (found?.values.get(key) ?? 0) * unit;
    if (found !== undefined && value > 0) quotas.push({ kind, value, entity: entityText(found.entity), shares });
  }
  return { quotas, unread };
}

/**
 * Returns entities, most specific first: https://kafka.apache.org/documentation/#design_quotasconfig,
 * ClientQuotaManager.DefaultQuotaCallback.
 */
function precedence({ user, clientId }: ClientIdentity): QuotaEntity[] {
  const users = [...(user === undefined ? [] : [user]), null];
  return [
    ...users.flatMap((each) => [{ user: each, clientId }, { user: each, clientId: null }, { user: each }]),
    { clientId },
    { clientId: null },
  ];
}

const isSame = (one: QuotaEntity, other: QuotaEntity) => one.user === other.user && one.clientId === other.clientId;

function entityText({ user, clientId }: QuotaEntity): string {
  const parts = [
    ...(user === undefined ? [] : [`user=${user ?? '<default>'}`]),
    ...(clientId === undefined ? [] : [`client-id=${clientId ?? '<default>'}`]),
  ];
  return parts.join(', ');
}
