// Judges whether consumer groups have caught up with what they missed while an instance was stopped.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { ConsumerLag } from '../../core/cluster.ts';
import { lagIn } from '../../core/consumer-lag.ts';
import { countText } from '../../core/text/quantity-text.ts';
import type { Blocker } from '../change/step.ts';
import type { Baseline } from './facts.ts';

/** Lag fluctuates with the load: twice the lag of before, or so many messages, is recovered. */
const recovered = { factor: 2, messages: 1000 };

/** Without one of them the lag of some groups is unknown, or too small. */
const sectionsOfLag: ReadonlySet<string> = new Set(['groups', 'commits', 'offsets']);

type KnownLags = Pick<Baseline, 'lags' | 'commits'>;

/** Members of a broadcasting group keep their offsets themselves, and a group that all members left waits for its next job. */
export function lagsOf({ groups }: Pick<ClusterSnapshot, 'groups'>): KnownLags {
  const known = groups.filter(
    ({ kind, members, hadMembers, partitions }) =>
      kind !== 'broadcasting' && !(members === 0 && hadMembers === true) && lagIn(partitions) !== undefined,
  );
  const withoutMembers = known.filter(({ members }) => members === 0);
  return {
    lags: Object.fromEntries(known.map(({ name, partitions }) => [name, Number(lagIn(partitions))])),
    commits: Object.fromEntries(withoutMembers.map(({ name, partitions }) => [name, committedIn(partitions)])),
  };
}

const committedIn = (partitions: Iterable<ConsumerLag>): number =>
  Number(Array.from(partitions, ({ committed }) => committed ?? 0n).reduce((sum, committed) => sum + committed, 0n));

/**
 * A group whose members have left since holds the change, too, and so does a lag that was known and cannot be read now.
 * Without members before, it holds the change only if it has committed since: then its consumers assign partitions to themselves.
 */
export function lagBlockers(
  { lags, commits = {} }: KnownLags,
  { groups, sections }: Pick<ClusterSnapshot, 'groups' | 'sections'>,
): Blocker[] {
  const ofLag = sections.filter(({ section }) => sectionsOfLag.has(section));
  const unread = ofLag.find(({ kind }) => kind !== 'fresh');
  if (unread !== undefined && Object.keys(lags).length > 0) {
    return [{ what: `the lag of consumer groups cannot be read: ${unread.reason ?? 'no answer'}` }];
  }
  const refusal = ofLag.find(({ refused }) => refused !== undefined);
  const byName = new Map(groups.map((group) => [group.name, group]));
  return Object.entries(lags).flatMap(([name, known]): Blocker[] => {
    const { members, partitions = [] } = byName.get(name) ?? {};
    const read = lagIn(partitions);
    if (read === undefined && refusal !== undefined) {
      return [{ what: `the lag of group ${name} cannot be read: ${refusal.reason ?? 'it was refused'}` }];
    }
    const lag = Number(read ?? 0);
    if (lag <= Math.max(recovered.factor * known, known + recovered.messages)) return [];
    const commit = commits[name];
    if (commit !== undefined && committedIn(partitions) <= commit) return [];
    const left = members === 0 && commit === undefined ? ', and no members any more' : '';
    const what = `group ${name} has a lag of ${countText(lag)} messages (before the change: ${countText(known)})${left}`;
    return [{ what }];
  });
}
