// Lists limits inside brokers that a run has no metrics of, so that they can neither be named nor ruled out.

import type { Limit } from '../../../core/documents/analysis.ts';
import type { BrokerFigures } from '../../../core/documents/evidence/broker-figures.ts';
import type { Constraint } from '../../../core/resource.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';

export type Unmonitored = Extract<Limit, { resource: unknown }>;

type Shows = Partial<Record<Constraint, readonly (keyof BrokerFigures)[]>>;

/** Any of these figures shows whether the limit was reached. */
const shown: Readonly<Record<'kafka' | 'rocketmq', Shows>> = {
  kafka: {
    'request-handlers': ['requestHandlersBusy'],
    'network-threads': ['networkProcessorsBusy'],
    heap: ['gcPauseShare', 'longestPauseSeconds'],
  },
  rocketmq: { 'send-queue': ['sendQueueWaitSeconds'], heap: ['gcPauseShare', 'longestPauseSeconds'] },
};

export function unmonitoredIn({ brokers, jvms, document }: LoadTestRun): Unmonitored[] {
  const { broker: kind, environment, configuredLimits } = document;
  if (kind === undefined) return [];
  const missing = Object.entries(shown[kind]).flatMap(([name, figures]) =>
    environment.brokers.flatMap(({ id, host }): Unmonitored[] => {
      const resource = name as keyof Shows;
      const isRead = (brokers?.get(id) ?? []).some((interval) => figures.some((each) => interval[each] !== undefined));
      const hasJstat = resource === 'heap' && host !== undefined && jvms.has(host);
      return isRead || hasJstat ? [] : [{ resource, node: id }];
    }),
  );
  const [first] = environment.brokers;
  const areQuotasRead = kind !== 'kafka' || (configuredLimits !== undefined && !configuredLimits.unread?.length);
  return areQuotasRead || first === undefined ? missing : [...missing, { resource: 'produce-quota', node: first.id }];
}
