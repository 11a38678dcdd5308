// Lists the limits inside brokers and of proxies without metrics in a run, which can be neither named nor ruled out.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Limit } from '../../../core/documents/analysis.ts';
import type { TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import { isInsideBroker } from '../../../core/resource.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { isProxyNode, proxyNode } from './resource-use.ts';
import type { ResourceModel } from './resources/model.ts';
import { models } from './resources/registry.ts';

/** Order of suspicion: the stages inside a broker before its heap. */
const stagesFirst = Object.values<ResourceModel>(models).toSorted(
  (one, other) => Number(isInsideBroker(other.resource)) - Number(isInsideBroker(one.resource)),
);

export type Unmonitored = Extract<Limit, { resource: unknown }>;

export function unmonitoredIn({ brokers, hosts, jvms, document }: LoadTestRun): Unmonitored[] {
  const { broker: kind, environment, configuredLimits, proxy } = document;
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
  return [
    ...(proxy === undefined ? [] : unmonitoredProxies(environment, hosts)),
    ...missing,
    ...(areQuotasRead || first === undefined ? [] : [{ resource: 'produce-quota' as const, node: first.id }]),
  ];
}

/** Node name of a proxy whose host is not configured. */
const unnamedProxy = 'proxy';

/** A proxy may limit every rate, because it slows the consumers of all groups as well as the senders. */
export const hasUnmonitoredProxy = (unmonitored: readonly Unmonitored[]): boolean =>
  unmonitored.some(({ node }) => node === unnamedProxy || isProxyNode(node));

/** Every message passes a proxy: without metrics of its host, its cores are the first suspect, its card the second. */
function unmonitoredProxies({ proxyHosts }: TelemetryEnvironment, hosts: LoadTestRun['hosts']): Unmonitored[] {
  const unread = proxyHosts?.filter((host) => (hosts.get(host)?.intervals.length ?? 0) === 0).map(proxyNode);
  return (unread ?? [unnamedProxy]).flatMap((node) => [
    { resource: 'cpu', node },
    { resource: 'network-out', node },
  ]);
}
