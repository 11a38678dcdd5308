// Lists the limits inside brokers for which a run has no metrics, so they can be neither named nor ruled out.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Limit } from '../../../core/documents/analysis.ts';
import { isInsideBroker } from '../../../core/resource.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { ResourceModel } from './resources/model.ts';
import { models } from './resources/registry.ts';

/** Suspected in this order: the stages inside a broker before its heap. */
const stagesFirst = Object.values<ResourceModel>(models).toSorted(
  (one, other) => Number(isInsideBroker(other.resource)) - Number(isInsideBroker(one.resource)),
);

export type Unmonitored = Extract<Limit, { resource: unknown }>;

export function unmonitoredIn({ brokers, jvms, document }: LoadTestRun): Unmonitored[] {
  const { broker: kind, environment, configuredLimits } = document;
  if (kind === undefined) return [];
  const { hasQuotas } = traitsOf(kind);
  const missing = stagesFirst.flatMap(({ resource, reportedBy }) => {
    const figures = reportedBy?.[kind];
    if (figures === undefined) return [];
    return environment.brokers.flatMap(({ id, host }): Unmonitored[] => {
      const isRead = (brokers?.get(id) ?? []).some((interval) => figures.some((each) => interval[each] !== undefined));
      const hasJstat = resource === 'heap' && host !== undefined && jvms.has(host);
      return isRead || hasJstat ? [] : [{ resource, node: id }];
    });
  });
  const [first] = environment.brokers;
  const areQuotasRead = !hasQuotas || (configuredLimits !== undefined && !configuredLimits.unread?.length);
  return areQuotasRead || first === undefined ? missing : [...missing, { resource: 'produce-quota', node: first.id }];
}
