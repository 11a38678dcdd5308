// Collects the limits that the cluster's configuration sets on the clients of a load test, for run.json.

import type { AppliedQuotas, LookupAnswer } from '../../brokers/lookup.ts';
import type { ConfiguredLimits } from '../../core/documents/evidence/configured-limits.ts';
import type { BrokerLimits } from './broker-settings.ts';

export function configuredLimits(
  { brokers, unread }: Pick<BrokerLimits, 'brokers' | 'unread'>,
  quotas: LookupAnswer<AppliedQuotas>,
  groups: number,
): ConfiguredLimits {
  const applied =
    quotas.kind === 'answered' ? quotas.value : { quotas: [], unread: [`client quotas: ${quotas.reason}`] };
  const reasons = [...unread, ...applied.unread];
  return {
    // Without consumers there are no fetches.
    quotas: applied.quotas.filter(({ kind }) => kind !== 'fetch-quota' || groups > 0),
    brokers: [...brokers],
    ...(reasons.length > 0 && { unread: reasons }),
  };
}
