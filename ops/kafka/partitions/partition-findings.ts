// Lists the risks of adding partitions: broken order, skipped messages, and that it cannot be undone.

import type { GroupSnapshot } from '../../../brokers/snapshot.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { MeasuredMoves } from './key-moves.ts';
import { percentText } from '../../../core/text/quantity-text.ts';

export interface ReadingGroup {
  group: string;
  state?: string;
  members?: number;
  /** Messages it has not read; absent where it never committed. */
  behind?: number;
}

/** Groups that have committed in the topic, or are assigned to it. */
export function groupsOf(groups: readonly GroupSnapshot[], topic: string): ReadingGroup[] {
  return groups.flatMap(({ name, state, members, partitions }): ReadingGroup[] => {
    const own = [...partitions].filter((each) => each.topic === topic);
    if (own.length === 0) return [];
    const known = own.filter(({ committed }) => committed !== undefined);
    const behind = known.reduce((sum, { end, committed }) => sum + Math.max(0, Number(end - (committed as bigint))), 0);
    return [
      {
        group: name,
        ...(state !== undefined && { state }),
        ...(members !== undefined && { members }),
        ...(known.length > 0 && { behind }),
      },
    ];
  });
}

/** Below it another partitioner sends than the one the share is reckoned by. */
const ownPartitioner = 0.9;

export function partitionFindings(
  { topic, from, to, moved }: { topic: string; from: number; to: number; moved: number },
  {
    measured,
    groups,
    isCompacted,
  }: { measured?: MeasuredMoves | undefined; groups: readonly ReadingGroup[]; isCompacted: boolean },
): Finding[] {
  const findings: Finding[] = [];
  const say = (severity: Finding['severity'], code: string, message: string, evidence: Finding['evidence'] = []) =>
    findings.push({ severity, code, message, evidence });
  const keyed = measured === undefined ? undefined : measured.messages - measured.keyless;

  if (keyed === undefined || keyed > 0) {
    say(
      'warning',
      'keys-move',
      `With Kafka's own partitioner ${percentText(moved)} of all keys go to another partition when ${topic} has ${to} instead of ${from}.`,
      [{ name: 'keys that move', value: moved, unit: '', source: 'arithmetic' }],
    );
  }
  if (measured !== undefined && keyed !== undefined && keyed > 0) {
    say(
      'info',
      'keys-measured',
      `Of the newest ${measured.messages} messages ${keyed} have a key, ${measured.keys} different ones: ${measured.movedKeys} keys (${percentText(measured.movedKeys / measured.keys)}) with ${percentText(measured.movedMessages / keyed)} of these messages would move.`,
      [{ name: 'keys', value: measured.keys, unit: '', source: 'Fetch' }],
    );
    if (measured.asExpected < ownPartitioner * keyed) {
      say(
        'warning',
        'other-partitioner',
        `Only ${percentText(measured.asExpected / keyed)} of messages with a key are in the partition that Kafka's default partitioner would choose: producers use another partitioner, so which keys move depends on them.`,
        [{ name: 'as expected', value: measured.asExpected / keyed, unit: '', source: 'Fetch' }],
      );
    }
  }
  if (keyed === 0)
    say(
      'info',
      'no-keys',
      `None of the newest ${measured?.messages ?? 0} messages has a key, so no order by key changes.`,
    );
  if (keyed !== 0) {
    for (const { group, behind, state } of groups) {
      const unread = behind === undefined ? 'never committed' : `${behind} messages unread`;
      say(
        'warning',
        'order-breaks',
        `Group ${group} (${state ?? 'state unknown'}, ${unread}) may read new messages of a key before old ones, because the messages of this key are then in two partitions. If order matters, stop sending, wait until the lag is 0, then add the partitions.`,
        behind === undefined ? [] : [{ name: 'unread', value: behind, unit: 'messages', source: 'OffsetFetch' }],
      );
    }
  }
  if (groups.length > 0) {
    say(
      'warning',
      'late-discovery',
      'Consumers find new partitions with their next metadata refresh (metadata.max.age.ms, 5 min). With auto.offset.reset=latest they skip what was sent there before: set earliest, or shorten metadata.max.age.ms, first.',
    );
  }
  if (isCompacted) {
    say(
      'critical',
      'compacted',
      `${topic} is compacted: the last value of a key that moves stays in its old partition permanently, in addition to the new one. State built from the topic will be wrong.`,
    );
  }
  say('info', 'no-way-back', 'Kafka cannot remove partitions: to roll back, create another topic.');
  return findings;
}
