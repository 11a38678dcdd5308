// Decides whether consumer groups have caught up after an instance was stopped.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { ConsumerLag } from '../../core/cluster.ts';
import { lagIn } from '../../core/consumer-lag.ts';
import { countText } from '../../core/text/quantity-text.ts';
import type { Blocker } from '../change/step.ts';
import type { Baseline } from './facts.ts';

/** Lag fluctuates with the load: up to twice the former lag, or this many messages, counts as recovered. */
const recovered = { factor: 2, messages: 1000 };

/** Without one of these sections the lag of some groups is unknown or too low. */
const sectionsOfLag: ReadonlySet<string> = new Set(['groups', 'commits', 'offsets']);

type KnownLags = Pick<Baseline, 'lags' | 'commits'>;

/**
 * Excludes broadcasting groups, whose members store their offsets themselves, and groups that all members left, which
 * wait for their next job.
 */
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
 * Also blocks on a group whose members have left since, and on a lag that was known and cannot be read now. A group
 * without members before the change blocks only if it has committed since: then its consumers assign partitions to
 * themselves.
 */
export function lagBlockers(
  { lags, commits = {} }: KnownLags,
  { groups, sections }: Pick<ClusterSnapshot, 'groups' | 'sections'>,
): Blocker[] {
  const ofLag = sections.filter(({ section }) => sectionsOfLag.has(section));
  const unread = ofLag.find(({ kind }) => kind !== 'fresh');
  if (unread !== undefined && Object.keys(lags).length > 0) {
    return [
      {
        what: `the lag of consumer groups cannot be read: ${unread.reason ?? 'no answer'}`,
        zh: `无法读取消费组的堆积：${unread.reason ?? '无响应'}`,
      },
    ];
  }
  const refusal = ofLag.find(({ refused }) => refused !== undefined);
  const byName = new Map(groups.map((group) => [group.name, group]));
  return Object.entries(lags).flatMap(([name, known]): Blocker[] => {
    const { members, partitions = [] } = byName.get(name) ?? {};
    const read = lagIn(partitions);
    if (read === undefined && refusal !== undefined) {
      return [
        {
          what: `the lag of group ${name} cannot be read: ${refusal.reason ?? 'it was refused'}`,
          zh: `无法读取消费组 ${name} 的堆积：${refusal.reason ?? '被拒绝'}`,
        },
      ];
    }
    const lag = Number(read ?? 0);
    if (lag <= Math.max(recovered.factor * known, known + recovered.messages)) return [];
    const commit = commits[name];
    if (commit !== undefined && committedIn(partitions) <= commit) return [];
    const isLeft = members === 0 && commit === undefined;
    const left = isLeft ? ', and no members any more' : '';
    const what = `group ${name} has a lag of ${countText(lag)} messages (before the change: ${countText(known)})${left}`;
    const zh = `消费组 ${name} 堆积 ${countText(lag)} 条消息（变更前：${countText(known)} 条）${isLeft ? '，且已没有成员' : ''}`;
    return [{ what, zh }];
  });
}
