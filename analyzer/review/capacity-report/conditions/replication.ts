// Judges whether tests wrote as many replicas as the plan has, and waited for them where the plan accepts no loss.

import type { Reason } from '../../../../core/documents/reasons/go-reasons.ts';
import { measuredReplicas } from '../../../planning/sizing/measured-cluster.ts';
import { isOwnTraffic, type Judged, type MeasuredCase } from '../go-case.ts';

/** @returns no condition where no test recorded anything that a plan states */
export function judgeReplication({ measured, plannedReplicas, plannedLoss = 'may-lose' }: MeasuredCase): Judged[] {
  const tests = measured
    .filter((each) => !isOwnTraffic(each))
    .map((each) => ({
      source: each.source,
      replicas: plannedReplicas === undefined ? undefined : measuredReplicas(each.analysis),
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
