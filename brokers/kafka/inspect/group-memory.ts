// Keeps groups between snapshots, so that a group with an unavailable coordinator keeps its last reading.

import type { ConsumerLag } from '../../../core/cluster.ts';
import type { GroupSnapshot, Lags } from '../../snapshot.ts';
import type { Commits } from '../reading/commits.ts';
import type { GroupReading } from '../reading/groups.ts';
import { committedWithoutEnd, lagsOf, topicsWithGaps, type Ends } from './lags.ts';
import { defined } from '../../../core/defined.ts';

/** Groups and commits as one coordinator reports them. */
export interface CoordinatorReading {
  /** Absent if not read now. */
  groups?: readonly GroupReading[];
  commits?: Commits;
}

/** Entry in `seats` for a partition of commits without a leader: no broker lists its groups. */
export const nobody = 'nobody';

interface Remembered {
  group: GroupSnapshot;
  /** Time when the commits were read, or when the group was first listed. */
  readAt: number;
  /** Whether its commits were never read. */
  isUnread: boolean;
}

export type GroupMemory = ReturnType<typeof createGroupMemory>;

/** @param keepSeconds how long unreadable groups keep their last values; the same as for their section */
export function createGroupMemory(monotonic: () => number, keepSeconds: number) {
  let remembered = new Map<string, Remembered>();
  let seatsBefore: string | undefined;

  return {
    /**
     * A group is gone if all brokers answered and none listed it, twice in a row: a newly elected coordinator reports
     * no groups until it has loaded them. While a broker does not answer, the group may still exist. Commits that could
     * not be read are shown with the ends of their time, because an old commit with a new end would be a false lag.
     *
     * @param seats coordinators as one text: while it changes or contains `nobody`, groups may be missing
     */
    compose(readings: readonly CoordinatorReading[], ends: Ends, seats?: string): readonly GroupSnapshot[] {
      const now = monotonic();
      const isSettled =
        seats === seatsBefore &&
        seats?.split(' ').includes(nobody) !== true &&
        readings.every(({ groups }) => groups !== undefined);
      seatsBefore = seats;
      const gaps = topicsWithGaps(ends);
      const next = new Map<string, Remembered>();
      for (const { groups = [], commits } of readings) {
        for (const reading of groups) {
          const committed = commits?.get(reading.name);
          const before = remembered.get(reading.name);
          const isYoung = before !== undefined && now - before.readAt <= keepSeconds;
          const kept = committed === undefined && isYoung ? before : undefined;
          // While the commits are unknown, it is unknown which partitions have none.
          const read = committed === undefined ? [] : lagsOf({ committed, assigned: reading.assigned }, ends);
          const partitions = kept === undefined ? read : stillThere(kept.group.partitions, ends);
          const unread = committed === undefined ? undefined : committedWithoutEnd(committed, ends, gaps);
          const withoutEnd = kept === undefined ? unread : kept.group.withoutEnd;
          const group: GroupSnapshot = {
            ...groupSnapshot(reading, partitions),
            ...(withoutEnd !== undefined && withoutEnd.size > 0 && { withoutEnd }),
            ...(kept !== undefined && { commitsAgeSeconds: now - kept.readAt }),
          };
          const rival = next.get(reading.name);
          if (rival === undefined || isBetterReading(group, rival.group)) {
            const isUnread = committed === undefined && kept?.isUnread !== false;
            next.set(reading.name, { group, readAt: kept?.readAt ?? now, isUnread });
          }
        }
      }
      for (const [name, { group, readAt, isUnread }] of remembered) {
        const commitsAgeSeconds = now - readAt;
        if (next.has(name) || commitsAgeSeconds > keepSeconds || (isSettled && group.isUnlisted === true)) continue;
        const partitions = stillThere(group.partitions, ends);
        const shown = { ...group, partitions, commitsAgeSeconds, isUnlisted: isSettled };
        next.set(name, { group: shown, readAt, isUnread });
      }
      remembered = next;
      return [...next.values()].map(({ group }) => group);
    },

    /** Sorts groups: those whose commits were never read, or were read the longest time ago, come first. */
    oldestFirst<Group extends { name: string }>(groups: readonly Group[]): Group[] {
      const turnOf = ({ name }: { name: string }) => {
        const known = remembered.get(name);
        return known === undefined || known.isUnread ? -1 : known.readAt;
      };
      return groups.toSorted((one, other) => turnOf(one) - turnOf(other));
    },
  };
}

function stillThere(lags: Lags, ends: Ends): readonly ConsumerLag[] {
  return [...lags].filter(({ topic }) => ends.has(topic));
}

/** Two coordinators may list a moving group; the better reading is that of the one that knows its members. */
function isBetterReading(group: GroupSnapshot, rival: GroupSnapshot): boolean {
  const knows = ({ members }: GroupSnapshot) => Number(members !== undefined);
  if (knows(group) !== knows(rival)) return knows(group) > knows(rival);
  return [...group.partitions].length > [...rival.partitions].length;
}

function groupSnapshot(reading: GroupReading, partitions: Lags): GroupSnapshot {
  const { name, state, members, hadMembers, kind } = reading;
  return defined({ name, state, members, hadMembers, kind, partitions });
}
