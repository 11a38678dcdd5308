// Decides whether racks can limit replica placement: all remaining brokers need one.

import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { figure, finding } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { Brokers } from '../reassign/files.ts';

/**
 * If only some brokers have racks, a limit per rack would keep replicas away from brokers that may be in any rack.
 *
 * @param leaving brokers that get no replica: their racks are ignored
 * @returns the brokers, without racks if a remaining one has none, and a finding about it
 */
export function usableRacks(brokers: Brokers, leaving: readonly number[]): { brokers: Brokers; findings: Finding[] } {
  const staying = brokers.filter(({ id }) => !leaving.includes(id));
  const without = staying.filter(({ rack }) => rack === undefined).map(({ id }) => id);
  if (without.length === 0 || without.length === staying.length) return { brokers, findings: [] };
  const ids = without.map(String);
  const names = `${without.length === 1 ? 'Broker' : 'Brokers'} ${named(ids)}`;
  const verb = without.length === 1 ? 'has' : 'have';
  return {
    brokers: brokers.map(({ id, capacity }) => ({ id, ...defined({ capacity }) })),
    findings: [
      finding('critical', 'racks-incomplete', {
        en: `${names} ${verb} no rack, but other brokers have one: this plan ignores racks, and all replicas of a partition may be in one rack. Set broker.rack on them and restart, and plan again; ops kafka reassign also takes the missing racks with --brokers.`,
        zh: `Broker ${named(ids, 5, 'zh')} 没有机架，而其他 Broker 有：本计划忽略机架，一个分区的所有副本可能落在同一机架。请为其设置 broker.rack 并重启，然后重新制定计划；ops kafka reassign 也可用 --brokers 补充缺少的机架。`,
        evidence: [figure('brokers', without.length)],
      }),
    ],
  };
}
