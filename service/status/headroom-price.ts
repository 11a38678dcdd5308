// Computes the price of headroom of a monitored cluster, for its page and the API.

import { usualRisk } from '../../app/planning/evidence-advice.ts';
import { headroomPriceFor } from '../../app/planning/headroom-price.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import type { documentsOf } from './prepared-actions.ts';

interface HeadroomParts {
  clock: Pick<ServiceParts['clock'], 'now'>;
  statuses: Pick<ServiceParts['statuses'], 'promotions'>;
  config: Pick<ServiceParts['config'], 'prices' | 'thresholds'>;
  policy: Pick<ServiceParts['policy'], 'limits'>;
}

/** Ignores a verdict that has expired, or whose settings changed, such as the number of brokers. */
export const headroomPriceOf = (
  served: Pick<ServedCluster, 'name' | 'broker' | 'last'>,
  { status, analysis, forecast }: ReturnType<typeof documentsOf> & { status: Pick<ClusterStatus, 'verdict'> },
  { clock, statuses, config, policy }: HeadroomParts,
) =>
  headroomPriceFor({
    cluster: served.name,
    broker: served.broker,
    analysis: isCurrent(status.verdict, config.thresholds.verdictLasts) ? analysis : undefined,
    forecast,
    snapshot: served.last()?.snapshot,
    prices: config.prices,
    promotions: statuses.promotions(),
    nowMs: clock.now().getTime(),
    risk: usualRisk,
    policy,
  });

const isCurrent = (verdict: ClusterStatus['verdict'], lastsSeconds: number): boolean =>
  verdict !== undefined && verdict.ageSeconds <= lastsSeconds && verdict.drifted.length === 0;
