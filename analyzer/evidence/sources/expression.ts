// Builds the Prometheus query of a figure from its template: labels, matchers and intervals filled in.

import { figureOf, type FigureName } from './figures.ts';
import type { Alternative, NamingScheme } from './naming-schemes.ts';

/** Labels that identify clusters; `cluster` comes last, because on Kubernetes it is that of the nodes. */
export const clusterLabels = ['strimzi_io_cluster', 'kafka_cluster', 'cluster'] as const;

/** Labels in which two copies of one series differ: scraped by two jobs, or by a pair of Prometheis. A sum over them counts twice. */
const copyLabels = ['job', 'prometheus', 'prometheus_replica', 'replica', 'receive_replica', 'monitor'] as const;

/** Labels of the target that an exporter is. Its replicas differ in them, as does a replaced pod, and report the same series. */
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

/** Cards without traffic to other machines, or whose traffic another card counts, too. */
const virtualCards =
  'lo|veth.*|docker.*|br-.*|cali.*|flannel.*|cni.*|virbr.*|tunl.*|kube-.*|nodelocaldns|dummy.*|ifb.*';
const volatileDisks = 'ram.*|zram.*|loop.*|fd.*|sr.*';

/** The heap after a collection is the minimum over this time. */
const slowSeconds = 300;

export interface Filling {
  /** As config writes them; empty selects all. */
  matchers: string;
  /** Length of the interval that each point covers. */
  gridSeconds: number;
  /** The interval and one scrape more: the rise from the sample before it belongs to it. */
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

/** Grouped by all labels that may identify a target; missing labels do not matter. */
function groupingLabels({ names, addresses }: NamingScheme, figure: FigureName): string[] {
  const { of } = figureOf(figure);
  const own = of === 'cluster' ? [] : (names[of] ?? []);
  const ofMachine = of === 'group' || of === 'cluster' ? [] : addresses;
  return [...new Set([...own, ...ofMachine, 'namespace', ...clusterLabels, ...copyLabels])];
}

/** Whole milliseconds: PromQL knows no fractions. */
function durationText(seconds: number): string {
  return `${Math.round(seconds * 1000)}ms`;
}
