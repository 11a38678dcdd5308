// Reads the rules for electing a leader and for accepting sends, from the settings that a run recorded.

import type { BrokerKind } from '../../../core/cluster.ts';
import { defined } from '../../../core/defined.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';

export interface BrokerRules {
  broker: BrokerKind | undefined;
  /** Kafka: a leader rejects sends of the run with fewer in-sync replicas, including itself; absent if it was not read. */
  minInSyncReplicas?: number;
  /** RocketMQ: how a master is elected; absent if unknown. */
  electedBy?: 'majority' | 'controller' | 'nobody';
}

export function brokerRulesOf(run: Pick<LoadTestRun, 'document'>): BrokerRules {
  const isOn = (key: string) => valuesOf(run, key).includes('true');
  const electedBy: BrokerRules['electedBy'] = isOn('enableDLegerCommitLog')
    ? 'majority'
    : isOn('enableControllerMode')
      ? 'controller'
      : (run.document.settings?.read.length ?? 0) > 0
        ? 'nobody'
        : undefined;
  return { broker: run.document.broker, ...defined({ minInSyncReplicas: minInSyncReplicasOf(run), electedBy }) };
}

/** A topic that the run created uses the value of the brokers. */
function minInSyncReplicasOf(run: Pick<LoadTestRun, 'document'>): number | undefined {
  const { workload, settings, resume } = run.document;
  if (workload.acks === 'leader' || workload.acks === 'none') return 1;
  const ofTopics = Object.values(settings?.minInSyncReplicas ?? {});
  const ofBrokers = (resume?.ownTopics.length ?? 0) > 0 ? valuesOf(run, 'min.insync.replicas').map(Number) : [];
  const known = [...ofTopics, ...ofBrokers];
  return known.length === 0 ? undefined : Math.max(...known);
}

/** @returns the values of a setting, broker by broker */
function valuesOf({ document: { settings } }: Pick<LoadTestRun, 'document'>, key: string): string[] {
  if (settings === undefined) return [];
  return [settings.shared, ...Object.values(settings.own)].flatMap((values) => values[key] ?? []);
}
