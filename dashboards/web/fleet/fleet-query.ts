// Parses filter and order of the cluster list from the address, and selects its rows.

import { brokerKinds } from '../../../core/cluster.ts';
import {
  clusterStates,
  lossRank,
  type ClusterStatus,
  type ClusterState,
} from '../../../core/documents/cluster-status.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { naturalOrder } from '../../../core/text/natural-order.ts';
import { readListQuery, type ListPage, type ListQuery } from '../cluster/list-query.ts';

export const fleetSorts = ['headroom', 'name', 'safe', 'now', 'age', 'limit'] as const;
export type FleetSort = (typeof fleetSorts)[number];
export const orders = ['asc', 'desc'] as const;
type Order = (typeof orders)[number];

export interface FleetQuery extends ListQuery<FleetSort> {
  state?: ClusterState;
  broker?: ClusterStatus['broker'];
  order: Order;
}

export const rowsPerPage = 50;

/** Unknown parameters are ignored, so that old links still work. */
export function readFleetQuery(parameters: URLSearchParams): FleetQuery {
  const state = oneOf(clusterStates, parameters.get('state'));
  const broker = oneOf(brokerKinds, parameters.get('broker'));
  return {
    ...readListQuery(parameters, fleetSorts),
    ...(state !== undefined && { state }),
    ...(broker !== undefined && { broker }),
    order: oneOf(orders, parameters.get('order')) ?? 'asc',
  };
}

export function selectClusters(
  clusters: readonly ClusterStatus[],
  query: FleetQuery,
): Omit<ListPage<ClusterStatus>, 'all'> {
  const found = clusters.filter((each) => matches(each, query));
  const sorted = found.toSorted((one, other) => compare(one, other, query));
  const pages = Math.max(1, Math.ceil(found.length / rowsPerPage));
  const page = Math.min(query.page, pages);
  return { rows: sorted.slice((page - 1) * rowsPerPage, page * rowsPerPage), found: found.length, page, pages };
}

function matches({ cluster, domains, state, broker }: ClusterStatus, query: FleetQuery): boolean {
  const wanted = query.q.toLowerCase();
  return (
    (query.state === undefined || state === query.state) &&
    (query.broker === undefined || broker === query.broker) &&
    (wanted === '' || [cluster, ...domains].some((name) => name.toLowerCase().includes(wanted)))
  );
}

/** Lost clusters come first by headroom; clusters with an unknown value are last in either order. */
function compare(one: ClusterStatus, other: ClusterStatus, { sort, order }: FleetQuery): number {
  const byName = naturalOrder(one.cluster, other.cluster);
  const sign = order === 'asc' ? 1 : -1;
  const byLoss = sort === 'headroom' ? lossRank(one) - lossRank(other) : 0;
  if (byLoss !== 0) return sign * byLoss;
  if (sort === 'name') return sign * byName;
  const [a, b] = [figures[sort](one), figures[sort](other)];
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined) || byName;
  return sign * (a - b) || byName;
}

const figures: Readonly<Record<Exclude<FleetSort, 'name'>, (status: ClusterStatus) => number | undefined>> = {
  headroom: ({ headroom }) => headroom,
  safe: ({ safeMaxTps }) => safeMaxTps && safeTpsOf(safeMaxTps),
  now: ({ now }) => now?.produceTps,
  age: ({ verdict }) => verdict?.ageSeconds,
  limit: ({ loadState, trend, forecast }) =>
    loadState === 'over' ? 0 : (trend?.secondsToLimit ?? forecast?.secondsToLimit),
};

function oneOf<Choice extends string>(choices: readonly Choice[], text: string | null): Choice | undefined {
  return choices.find((choice) => choice === text);
}
