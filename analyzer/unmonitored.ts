// Lists limits inside brokers that a run has no metrics of, so that they cannot be named or ruled out.

import type { Limit } from '../core/analysis.ts';
import type { BrokerFigures } from '../core/documents/evidence/broker-figures.ts';
import type { BrokerQueue, Constraint } from '../core/resource.ts';
import type { LoadTestRun } from './load-test-run.ts';

export interface Unmonitored {
  limit: Extract<Limit, { resource: unknown }>;
  /** What to add. */
  decidedBy: string;
}

interface Monitored {
  resource: BrokerQueue | Constraint;
  figures: readonly (keyof BrokerFigures)[];
  decidedBy(cluster: string): string;
}

const jmx = (cluster: string) =>
  `the brokers' internals: add \`jmx\` under clusters.${cluster} (a Jolokia agent or the JMX exporter)`;
const gcLog = () => 'GC pauses: let the hosts of the brokers read their GC logs, or add `jmx`';

const ofKafka: readonly Monitored[] = [
  { resource: 'request-handlers', figures: ['requestHandlersBusy'], decidedBy: jmx },
  { resource: 'network-threads', figures: ['networkProcessorsBusy'], decidedBy: jmx },
  { resource: 'heap', figures: ['gcPauseShare', 'longestPauseSeconds'], decidedBy: gcLog },
];

const ofRocketmq: readonly Monitored[] = [
  {
    resource: 'send-queue',
    figures: ['sendQueueWaitSeconds'],
    decidedBy: () => "the brokers' runtime information, which did not report the wait in the send queue",
  },
  { resource: 'heap', figures: ['gcPauseShare', 'longestPauseSeconds'], decidedBy: gcLog },
];

export function unmonitoredIn({ brokers, jvms, document }: LoadTestRun): Unmonitored[] {
  const { broker: kind, cluster, environment, configuredLimits } = document;
  const wanted = kind === 'rocketmq' ? ofRocketmq : kind === 'kafka' ? ofKafka : [];
  const missing = wanted.flatMap(({ resource, figures, decidedBy }) =>
    environment.brokers.flatMap(({ id, host }): Unmonitored[] => {
      const isRead = (brokers?.get(id) ?? []).some((interval) => figures.some((name) => interval[name] !== undefined));
      const hasJstat = resource === 'heap' && host !== undefined && jvms.has(host);
      return isRead || hasJstat ? [] : [{ limit: { resource, node: id }, decidedBy: decidedBy(cluster) }];
    }),
  );
  const [first] = environment.brokers;
  const areQuotasUnread = kind === 'kafka' && configuredLimits === undefined && first !== undefined;
  const quotas = `client quotas: \`kafka-configs --describe --entity-type clients\`, or the right to describe them`;
  return areQuotasUnread
    ? [...missing, { limit: { resource: 'produce-quota', node: first.id }, decidedBy: quotas }]
    : missing;
}
