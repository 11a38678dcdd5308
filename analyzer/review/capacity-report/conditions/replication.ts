// Judges whether tests wrote as many replicas as the plan has, and waited for them where the plan accepts no loss.

import { mostCopies } from '../../../../core/broker-kind/rocketmq.ts';
import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import type { Reason } from '../../../../core/documents/reasons/go-reasons.ts';
import { isOwnTraffic, isWhole, type Judged, type Measured, type MeasuredCase } from '../go-case.ts';

/** @returns no condition where no test recorded anything that a plan states */
export function judgeReplication({ measured, plannedReplicas, plannedLoss = 'may-lose' }: MeasuredCase): Judged[] {
  const tests = measured
    .filter((each) => !isOwnTraffic(each))
    .map((each) => ({
      source: each.source,
      replicas: plannedReplicas === undefined ? undefined : replicasOf(each),
      acks: plannedLoss === 'may-lose' ? undefined : each.analysis.fingerprint?.['client.acks'],
    }));
  const known = tests.filter(({ replicas, acks }) => replicas !== undefined || acks !== undefined);
  if (known.length === 0) return [];
  const neededReplicas = plannedReplicas ?? 0;
  const few = known.filter(({ replicas = neededReplicas }) => replicas < neededReplicas);
  const weak = known.filter(({ acks = 'all' }) => acks !== 'all');
  const all: (Reason & { subjects: string[] })[] = [
    {
      code: 'too-few-replicas',
      neededReplicas,
      subjects: few.map(({ source, replicas }) => `${source} (${replicas})`),
    },
    { code: 'acks-too-weak', subjects: weak.map(({ source, acks }) => `${source} (acks=${acks})`) },
  ];
  const reasons = all.filter(({ subjects }) => subjects.length > 0);
  const subject = reasons.flatMap(({ subjects }) => subjects).join(', ');
  const state = reasons.length > 0 ? 'fails' : 'holds';
  return [{ condition: { condition: 'replication', state, ...(subject !== '' && { subject }) }, reasons }];
}

/** On Kafka those of the topic; on RocketMQ a master and its slaves, which are listed while all of them are up. */
function replicasOf(test: Measured): number | undefined {
  const { run, fingerprint, perBroker } = test.analysis;
  if (traitsOf(run.broker)?.copies !== 'own-group') {
    const text = fingerprint?.['topic.replicas'];
    return text === undefined ? undefined : Number(text);
  }
  const isListed = (run.origin ?? 'load-test') === 'load-test' && fingerprint?.['broker.count'] !== undefined;
  return isListed && isWhole(test) ? mostCopies(perBroker.map(({ broker }) => ({ id: broker }))) : undefined;
}
