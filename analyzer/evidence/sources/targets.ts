// Resolves the host, broker or group of a series from its labels, and detects copies of one series.

import { clusterLabels } from './expression.ts';
import type { RangeSeries } from './range-query.ts';
import { defined } from '../../../core/defined.ts';

export interface Target {
  name: string;
  /** Hosts and addresses by which other series may identify it, lower case. */
  addresses: readonly string[];
  cluster?: string;
}

export interface TargetSeries extends Target {
  /** Card or disk. */
  device?: string;
  /** The entries of `addresses` at which it was last scraped. */
  lastAddresses: readonly string[];
  values: Float64Array;
  /** Another series of the target had values at the same time. */
  isCopied: boolean;
}

export interface Naming {
  /** Labels, in the order to try. */
  names: readonly string[];
  addresses: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/**
 * @param nameOf returns the name under which other series know a target; default: its name
 * @returns one series per target and device, and the targets that were reported twice at the same time, by two scrape
 * jobs or a pair of Prometheus servers
 */
export function seriesByTarget(
  series: readonly RangeSeries[],
  naming: Naming,
  nameOf: (target: Target) => string = ({ name }) => name,
): { series: TargetSeries[]; copied: readonly string[] } {
  const names = namesOf(
    series.map(({ labels }) => labels),
    naming,
  );
  const all = series.flatMap(({ labels, values }, index): TargetSeries[] => {
    const name = names[index];
    if (name === undefined) return [];
    const addresses = addressesOf(labels, naming);
    return [
      {
        name,
        addresses,
        ...defined({ cluster: clusterOf(labels), device: labels['device'] ?? labels['interface'] }),
        lastAddresses: addresses,
        values,
        isCopied: false,
      },
    ];
  });
  // The name of a target depends on the addresses of all its series, so targets are merged again once they are named.
  const named = onePerTarget(all, true).map((each) => ({ ...each, name: nameOf(each) }));
  const merged = onePerTarget(named, false);
  const copied = new Set(merged.flatMap(({ name, isCopied }) => (isCopied ? [name] : [])));
  return { series: merged, copied: [...copied].toSorted() };
}

function onePerTarget(all: readonly TargetSeries[], areCopiesFilled: boolean): TargetSeries[] {
  const groups = Map.groupBy(all, ({ name, cluster, device }) => JSON.stringify([name, cluster, device]));
  return [...groups.values()].map((copies) => stitched(copies, areCopiesFilled));
}

/**
 * Fills gaps of the series with the highest sum from the others, because the address of a pod or host changes when it
 * is replaced. Copies are not added up. A series with another name may be a controller beside the broker, whose
 * counters stay 0.
 */
function stitched(copies: readonly TargetSeries[], areCopiesFilled: boolean): TargetSeries {
  const sorted = copies.toSorted((a, b) => sumOf(b) - sumOf(a)) as [TargetSeries, ...TargetSeries[]];
  const [fullest, ...others] = sorted;
  const values = fullest.values.slice();
  let { isCopied } = fullest;
  for (const other of others) {
    const known = [...other.values.keys()].filter((index) => !Number.isNaN(other.values[index]));
    const gaps = known.filter((index) => Number.isNaN(values[index]));
    // Rates of two consecutive series overlap by the length of their window.
    const isCopy = known.length > 2 * gaps.length;
    isCopied ||= other.isCopied || isCopy;
    if (isCopy && !areCopiesFilled) continue;
    for (const index of gaps) values[index] = other.values[index] as number;
  }
  const latest = sorted.reduce((one, other) => (lastPlaceOf(other) > lastPlaceOf(one) ? other : one));
  return {
    ...fullest,
    addresses: [...new Set([latest, ...sorted].flatMap(({ addresses }) => addresses))],
    lastAddresses: latest.lastAddresses,
    values,
    isCopied,
  };
}

const sumOf = ({ values }: TargetSeries) => values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);

const lastPlaceOf = ({ values }: TargetSeries) => values.findLastIndex((value) => !Number.isNaN(value));

export function clusterOf(labels: Labels): string | undefined {
  return clusterLabels.map((label) => labels[label]).find((value) => value !== undefined && value !== '');
}

/** The port is ignored if each host has one exporter; it distinguishes two exporters on one host. */
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
  // One exporter may monitor many hosts and name them; its own address belongs to none of them.
  if (names.includes('host') && (labels['host'] ?? '') !== '') return [labels['host']?.toLowerCase() ?? ''];
  const values = [...addresses, ...names].flatMap((label) => {
    const value = labels[label] ?? '';
    return value === '' ? [] : [value, withoutPort(value)];
  });
  return [...new Set(values.map((value) => value.toLowerCase()))];
}

/** @returns `10.0.0.1` for `10.0.0.1:9100`, `::1` for `[::1]:9100` */
export function withoutPort(address: string): string {
  const [, six] = /^\[([^\]]+)\](?::\d+)?$/.exec(address) ?? [];
  return six ?? address.replace(/^([^:]+):\d+$/, '$1');
}

/** Two names of one host are equal, or one is the first label of the other. */
export function isSameAddress(a: string, b: string): boolean {
  if (a === b) return true;
  const isNumber = /^[\d.]+$|:/;
  if (isNumber.test(a) || isNumber.test(b)) return false;
  return a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}
