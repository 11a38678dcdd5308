// Resolves the host, broker or group of a series from its labels, and detects copies of one series.

import { clusterLabels } from './expression.ts';
import type { RangeSeries } from './range-query.ts';

export interface Target {
  name: string;
  /** Hosts and addresses by which others may know it, lower case. */
  addresses: readonly string[];
  cluster?: string;
}

export interface TargetSeries extends Target {
  /** Card or disk. */
  device?: string;
  values: Float64Array;
}

export interface Naming {
  /** Labels tried in this order. */
  names: readonly string[];
  addresses: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/**
 * @returns one series per target and device, and the targets that came more than once: scraped by two jobs or by a pair of
 * Prometheis. Of copies the one with most points is taken: sums would count twice.
 */
export function seriesByTarget(
  series: readonly RangeSeries[],
  naming: Naming,
): { series: TargetSeries[]; copied: readonly string[] } {
  const names = namesOf(
    series.map(({ labels }) => labels),
    naming,
  );
  const best = new Map<string, { points: number; series: TargetSeries }>();
  const copied = new Set<string>();
  for (const [index, { labels, values }] of series.entries()) {
    const name = names[index];
    if (name === undefined) continue;
    const cluster = clusterOf(labels);
    const device = labels['device'] ?? labels['interface'];
    const points = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
    const key = JSON.stringify([name, cluster, device]);
    const before = best.get(key);
    if (before !== undefined) copied.add(name);
    if (before === undefined || points > before.points) {
      best.set(key, {
        points,
        series: {
          name,
          addresses: addressesOf(labels, naming),
          ...(cluster !== undefined && { cluster }),
          ...(device !== undefined && { device }),
          values,
        },
      });
    }
  }
  return { series: [...best.values()].map((each) => each.series), copied: [...copied].toSorted() };
}

export function clusterOf(labels: Labels): string | undefined {
  return clusterLabels.map((label) => labels[label]).find((value) => value !== undefined && value !== '');
}

/** A port is no identity where each host has one exporter; where two exporters share a host it distinguishes them. */
function namesOf(all: readonly Labels[], { names }: Naming): (string | undefined)[] {
  const full = all.map((labels) => {
    if (names.length === 0) return 'cluster';
    const label = names.find((each) => (labels[each] ?? '') !== '');
    return label === undefined ? undefined : { label, value: labels[label] as string };
  });
  const valuesOfHost = new Map<string, Set<string>>();
  for (const each of full) {
    if (typeof each !== 'object') continue;
    const host = withoutPort(each.value);
    valuesOfHost.set(host, (valuesOfHost.get(host) ?? new Set()).add(each.value));
  }
  return full.map((each) => {
    if (typeof each !== 'object') return each;
    const host = withoutPort(each.value);
    return each.label === 'instance' && valuesOfHost.get(host)?.size === 1 ? host : each.value;
  });
}

function addressesOf(labels: Labels, { names, addresses }: Naming): string[] {
  // One exporter watches many hosts and names them: its own address belongs to none of them.
  if (names.includes('host') && (labels['host'] ?? '') !== '') return [labels['host']?.toLowerCase() ?? ''];
  const values = [...addresses, ...names].flatMap((label) => {
    const value = labels[label] ?? '';
    return value === '' ? [] : [value, withoutPort(value)];
  });
  return [...new Set(values.map((value) => value.toLowerCase()))];
}

/** @returns `10.0.0.1` of `10.0.0.1:9100`, `::1` of `[::1]:9100` */
export function withoutPort(address: string): string {
  const [, six] = /^\[([^\]]+)\](?::\d+)?$/.exec(address) ?? [];
  return six ?? address.replace(/^([^:]+):\d+$/, '$1');
}

/** Two names of one machine: the same, or the first label of the other. */
export function isSameAddress(a: string, b: string): boolean {
  if (a === b) return true;
  const isNumber = /^[\d.]+$|:/;
  if (isNumber.test(a) || isNumber.test(b)) return false;
  return a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}
