// Builds the Prometheus query of a figure from its template by filling in labels, matchers and intervals.

import { figureOf, type FigureName } from './figures.ts';
import type { Alternative, NamingScheme } from './naming-schemes.ts';

/** Labels that identify clusters; `cluster` is last, because on Kubernetes it names the cluster of the nodes. */
export const clusterLabels = ['strimzi_io_cluster', 'kafka_cluster', 'cluster'] as const;

/**
 * Labels that differ between copies of a series, from two scrape jobs or a pair of Prometheus servers; a sum would
 * count twice.
 */
const copyLabels = ['job', 'prometheus', 'prometheus_replica', 'replica', 'receive_replica', 'monitor'] as const;

/** Labels of the exporter as a target. They differ between its replicas and when a pod is replaced, but the series is the same. */
export const exporterLabels = [
  'instance',
  'pod',
  'container',
  'endpoint',
  'service',
  'node',
  'kubernetes_pod_name',
  'kubernetes_name',
  'kubernetes_node',
  'pod_template_hash',
].join(', ');

/** Cards without traffic to other hosts, or whose traffic another card also counts. */
const virtualCards =
  'lo|veth.*|docker.*|br-.*|cali.*|flannel.*|cni.*|virbr.*|tunl.*|kube-.*|nodelocaldns|dummy.*|ifb.*';
const volatileDisks = 'ram.*|zram.*|loop.*|fd.*|sr.*';

/** The heap after a collection is the minimum over this time. */
const slowSeconds = 300;

export interface Filling {
  /** Matchers as in the config; empty selects all. */
  matchers: string;
  /** Length of the interval that each point covers. */
  gridSeconds: number;
  /** The interval plus one scrape, so that the increase since the previous sample is included. */
  windowSeconds: number;
}

export function expressionOf(
  scheme: NamingScheme,
  figure: FigureName,
  { expression }: Alternative,
  { matchers, gridSeconds, windowSeconds }: Filling,
): string {
  const parts: Record<string, string> = {
    by: groupingLabels(scheme, figure).join(', '),
    cluster: [...clusterLabels, ...copyLabels].join(', '),
    exporter: exporterLabels,
    match: matchers,
    grid: durationText(gridSeconds),
    window: durationText(windowSeconds),
    seconds: String(gridSeconds),
    slow: durationText(Math.max(slowSeconds, gridSeconds)),
    virtual: virtualCards,
    volatile: volatileDisks,
  };
  return expression.replaceAll(/\$(\w+)/g, (_, name: string) => parts[name] ?? '').replaceAll(/, *}/g, '}');
}

/** Grouped by all labels that may identify a target; missing labels have no effect. */
function groupingLabels({ names, addresses }: NamingScheme, figure: FigureName): string[] {
  const { of } = figureOf(figure);
  const own = of === 'cluster' ? [] : (names[of] ?? []);
  const ofMachine = of === 'group' || of === 'cluster' ? [] : addresses;
  return [...new Set([...own, ...ofMachine, 'namespace', ...clusterLabels, ...copyLabels])];
}

/** The largest unit without a fraction, which PromQL durations do not have. */
function durationText(seconds: number): string {
  if (seconds % 1 !== 0) return `${Math.round(seconds * 1000)}ms`;
  if (seconds % 60 !== 0) return `${seconds}s`;
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds / 60}m`;
}
