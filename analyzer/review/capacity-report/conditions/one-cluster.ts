// Judges whether all verdicts of a domain come from the same cluster.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import type { Analysis } from '../../../../core/documents/analysis.ts';
import { clusterIdKey } from '../../../evidence/fingerprint.ts';
import { judged, type Judged, type Measured, type MeasuredCase } from '../go-case.ts';

/** Whether two verdicts come from the same cluster. */
type Comparison = 'same' | 'different' | 'unknown';

export function judgeOneCluster({ measured }: Pick<MeasuredCase, 'measured'>): Judged {
  const [first, ...others] = measured;
  const compared = others.map((other) => ({ other, result: compare((first as Measured).analysis, other.analysis) }));
  const named = (result: Comparison) =>
    compared.filter((each) => each.result === result).map(({ other }) => clusterText(other));
  const [different, unknown] = [named('different'), named('unknown')];
  if (first === undefined || (different.length === 0 && unknown.length === 0)) return judged('one-cluster', 'holds');
  const isDifferent = different.length > 0;
  const subjects = [clusterText(first), ...(isDifferent ? different : unknown)];
  const code = isDifferent ? 'different-clusters' : 'cluster-unknown';
  const state = isDifferent ? 'fails' : 'unknown';
  return judged('one-cluster', state, [{ code, subjects }], { subject: subjects.join(', ') });
}

/** Names come from config files, so equal names alone prove nothing. */
function compare(a: Analysis, b: Analysis): Comparison {
  if (a.run.cluster !== b.run.cluster) return 'different';
  if (a.run.broker !== undefined && b.run.broker !== undefined && a.run.broker !== b.run.broker) return 'different';
  const [idOfA, idOfB] = [a, b].map(({ fingerprint }) => fingerprint?.[clusterIdKey]);
  if (idOfA !== undefined && idOfB !== undefined) {
    if (idOfA !== idOfB) return 'different';
    if (traitsOf(a.run.broker)?.discovery.hasUniqueClusterId === true) return 'same';
  }
  const hostsOfB = [...hostsOf(b)];
  const group = traitsOf(a.run.broker ?? b.run.broker)?.brokerId.group ?? ((id: string) => id);
  // An election changes the ids of the members of a group.
  const common = [...hostsOf(a)].flatMap(([broker, host]) =>
    hostsOfB.flatMap(([id, other]) => (group(id) === group(broker) ? [{ host, other }] : [])),
  );
  if (common.some(({ host, other }) => host === other)) return 'same';
  // Monitoring systems identify a host by address, load tests by name.
  const isAlikeNamed = (a.run.origin === 'production') === (b.run.origin === 'production');
  return common.length > 0 && isAlikeNamed ? 'different' : 'unknown';
}

/** Whether both may come from one cluster: equal names decide nothing, but a generated cluster id does, whatever the names. */
export function mayShareCluster(a: Analysis, b: Analysis): boolean {
  const [idOfA, idOfB] = [a, b].map(({ fingerprint }) => fingerprint?.[clusterIdKey]);
  const isUnique = traitsOf(a.run.broker)?.discovery.hasUniqueClusterId === true && a.run.broker === b.run.broker;
  if (isUnique && idOfA !== undefined && idOfB !== undefined) return idOfA === idOfB;
  return compare(a, b) !== 'different';
}

const hostsOf = ({ perBroker }: Analysis): ReadonlyMap<string, string> =>
  new Map(perBroker.flatMap(({ broker, host }) => (host === undefined ? [] : [[broker, host] as const])));

const clusterText = ({ source, analysis: { run } }: Measured) => `${run.cluster} (${source})`;
