// Computes the price of headroom of a served cluster, for its page and the API.

import { usualRisk } from '../../app/planning/evidence-advice.ts';
import { headroomPriceFor } from '../../app/planning/headroom-price.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import type { documentsOf } from './prepared-actions.ts';

export const headroomPriceOf = (
  served: Pick<ServedCluster, 'name' | 'broker' | 'last'>,
  documents: ReturnType<typeof documentsOf>,
  { clock, config }: Pick<ServiceParts, 'clock'> & { config: Pick<ServiceParts['config'], 'prices'> },
) =>
  headroomPriceFor({
    cluster: served.name,
    broker: served.broker,
    ...documents,
    snapshot: served.last()?.snapshot,
    prices: config.prices,
    nowMs: clock.now().getTime(),
    risk: usualRisk,
  });
