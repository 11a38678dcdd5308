// Reads the measured cluster from a verdict, and compares it with the domains file's statements about the measurement.

import { mostCopies } from '../../../core/broker-kind/rocketmq.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Analysis } from '../../../core/documents/analysis.ts';
import type { UnusableReason } from '../../../core/documents/findings/planning-findings.ts';
import type { PlanAssumption } from '../../../core/documents/reasons/plan-assumptions.ts';
import type { MeasurementSection } from '../domains/domains-file.ts';

/** The parts of a verdict that describe its cluster. */
export interface VerdictOfCluster extends Pick<Analysis, 'run'> {
  perBroker?: readonly { broker: string }[] | undefined;
  fingerprint?: Readonly<Record<string, string>> | undefined;
  redline?: { ledTps: Readonly<Record<string, number>> } | undefined;
  degraded?: Analysis['degraded'];
}

interface MeasuredCluster {
  masters: number;
  consumerGroups: number;
  assumptions: readonly PlanAssumption[];
}

/** @returns the measured cluster, or why the statements of the file cannot be true */
export function measuredCluster(
  { broker, masters, replicas, consumerGroups }: MeasurementSection,
  verdict: VerdictOfCluster,
  file: string,
): MeasuredCluster | UnusableReason {
  const { brokerId } = traitsOf(broker);
  const { ids, isComplete } = brokersOf(verdict);
  const shown = ids.filter((id) => brokerId.canLead(id)).length;
  // For example a topic on some of the brokers; a redline has the rates of all of them.
  const isPart = masters !== undefined && masters < shown && verdict.redline === undefined;
  const groups = measuredGroups(verdict);
  const compared: [setting: string, stated: string | number | undefined, measured: string | number | undefined][] = [
    ['broker', broker, verdict.run.broker],
    ['masters', masters, isComplete && !isPart ? shown : undefined],
    ['replicas', replicas, measuredReplicas(verdict)],
    ['consumerGroups', consumerGroups, groups],
  ];
  for (const [setting, stated, measured] of compared) {
    if (stated === undefined || measured === undefined || stated === measured) continue;
    return { kind: 'contradicted', of: file, setting, stated, measured };
  }
  if (masters === undefined && shown === 0) return { kind: 'masters-unknown', of: file };
  return {
    masters: masters ?? shown,
    consumerGroups: consumerGroups ?? groups ?? 1,
    assumptions: isPart ? [{ kind: 'part-of-cluster', source: file, masters, shown }] : [],
  };
}

/** Files and production list only brokers with metrics; written figures describe one of the masters that their text states. */
function brokersOf(verdict: VerdictOfCluster): { ids: readonly string[]; isComplete: boolean } {
  const { run, perBroker = [], fingerprint, redline } = verdict;
  if (redline !== undefined) return { ids: Object.keys(redline.ledTps), isComplete: true };
  const isListed = run.origin === 'production' || fingerprint?.['broker.count'] !== undefined;
  return { ids: isListed ? perBroker.map(({ broker }) => broker) : [], isComplete: isLoadTest(verdict) };
}

/** Whether the brokers are those that the cluster reported. */
const isLoadTest = ({ run: { origin = 'load-test' }, fingerprint }: VerdictOfCluster): boolean =>
  origin === 'load-test' && fingerprint?.['broker.count'] !== undefined;

/** @returns for Kafka the replicas of the topic, for RocketMQ a master and its slaves; undefined if the verdict does not show them */
export function measuredReplicas(verdict: VerdictOfCluster): number | undefined {
  if (traitsOf(verdict.run.broker)?.copies !== 'own-group') return numberOf(verdict, 'topic.replicas');
  // Brokers that were stopped for the test are not listed.
  if (!isLoadTest(verdict) || verdict.degraded !== undefined) return undefined;
  return mostCopies((verdict.perBroker ?? []).map(({ broker }) => ({ id: broker })));
}

/** @returns number of consumer groups that read each message; undefined if the verdict does not show it */
export const measuredGroups = (verdict: VerdictOfCluster): number | undefined => numberOf(verdict, 'client.groups');

function numberOf({ fingerprint }: VerdictOfCluster, key: string): number | undefined {
  const text = fingerprint?.[key];
  return text === undefined ? undefined : Number(text);
}
