// Judges whether consumer groups have caught up with what they missed while an instance was stopped.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { lagIn } from '../../core/consumer-lag.ts';
import { countText } from '../../core/text/quantity-text.ts';
import type { Blocker } from '../change/step.ts';
import type { Baseline } from './facts.ts';

/** Lag fluctuates with the load: twice the lag of before, or so many messages, is recovered. */
const recovered = { factor: 2, messages: 1000 };

/** Without one of them the lag of some groups is unknown, or too small. */
const sectionsOfLag: ReadonlySet<string> = new Set(['groups', 'commits', 'offsets']);

/** Groups without members catch up with nothing, and members of a broadcasting group keep their offsets themselves. */
export const lagsOf = ({ groups }: Pick<ClusterSnapshot, 'groups'>): Baseline['lags'] =>
  Object.fromEntries(
    groups.flatMap(({ name, members, kind, partitions }) => {
      const lag = members === 0 || kind === 'broadcasting' ? undefined : lagIn(partitions);
      return lag === undefined ? [] : [[name, Number(lag)]];
    }),
  );

/** A group whose members have left since holds the change, too, and so does a lag that was known and cannot be read now. */
export function lagBlockers(
  before: Baseline['lags'],
  { groups, sections }: Pick<ClusterSnapshot, 'groups' | 'sections'>,
): Blocker[] {
  const ofLag = sections.filter(({ section }) => sectionsOfLag.has(section));
  const unread = ofLag.find(({ kind }) => kind !== 'fresh');
  if (unread !== undefined && Object.keys(before).length > 0) {
    return [{ what: `the lag of consumer groups cannot be read: ${unread.reason ?? 'no answer'}` }];
  }
  const refusal = ofLag.find(({ refused }) => refused !== undefined);
  const byName = new Map(groups.map((group) => [group.name, group]));
  return Object.entries(before).flatMap(([name, known]): Blocker[] => {
    const { members, partitions = [] } = byName.get(name) ?? {};
    const read = lagIn(partitions);
    if (read === undefined && refusal !== undefined) {
      return [{ what: `the lag of group ${name} cannot be read: ${refusal.reason ?? 'it was refused'}` }];
    }
    const lag = Number(read ?? 0);
    if (lag <= Math.max(recovered.factor * known, known + recovered.messages)) return [];
    const left = members === 0 ? ', and no members any more' : '';
    return [
      { what: `group ${name} has a lag of ${countText(lag)} messages (before the change: ${countText(known)})${left}` },
    ];
  });
}
