// Reads a Kafka group's committed offsets, and moves them while the group has no members.

import { systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { GroupOffsets, GroupPresence } from '../../group-offsets.ts';
import { openKafkaChanges } from '../changes/kafka-changes.ts';
import type { OffsetsAtOptions } from '../changes/offsets-at.ts';
import { createReach } from '../changes/reach.ts';
import { commitFromOutside } from '../commit-from-outside.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { kafkaErrorOf } from '../errors.ts';
import { readMembers } from '../lookup/members.ts';
import { readCommits } from '../reading/commits.ts';
import { readGroups } from '../reading/groups.ts';
import { defined } from '../../../core/defined.ts';

/** Special timestamps of ListOffsets. */
const [latest, earliest] = [-1, -2];
/** Coordinator errors for a group that has members, or that is getting its first ones. */
const inUse: ReadonlySet<string> = new Set([
  'UNKNOWN_MEMBER_ID',
  'STALE_MEMBER_EPOCH',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'NON_EMPTY_GROUP',
]);
/** States of a group without members; before Kafka 2.6 a listing has no states, only the members show this. */
const empty: ReadonlySet<string> = new Set(['Empty', 'Dead']);

export async function openKafkaGroupOffsets(name: string, config: KafkaClusterConfig): Promise<GroupOffsets> {
  const reach = createReach(name, config, systemClock);
  const changes = openKafkaChanges(name, config, { reach });

  async function commitsOf(group: string, io: Io) {
    const { value, refusals } = await reach.throughCoordinator(group, io, (link) =>
      readCommits(link, [{ name: group }], io),
    );
    // An unreadable commit must not count as missing: a backup would lack it.
    if (refusals.length > 0) throw new AppError('broker-refused', `cannot read ${refusals.join('; ')}`);
    return value.get(group) ?? [];
  }

  return {
    hidesTopics: true,

    presence: (group, io) =>
      reach.throughCoordinator(group, io, async (link): Promise<GroupPresence> => {
        const { value, refusals } = await readGroups(link, [group], io);
        const [found] = value;
        if (refusals.length > 0) return { kind: 'unknown', reason: refusals.join('; ') };
        if (found === undefined) return { kind: 'absent' };
        if (found.kind === 'share') {
          throw new AppError(
            'unsupported-broker',
            `${group} is a share group: reset its offsets with kafka-share-groups.sh`,
          );
        }
        // A group that vanished between the two requests is missing in the describe answer, and has no members.
        const isEmpty = found.state === undefined ? found.members === 0 : empty.has(found.state) && !found.members;
        if (isEmpty) return { kind: 'stopped' };
        if (found.members === undefined)
          return { kind: 'unknown', reason: `the broker does not report the members of ${group}` };
        const { members } = await readMembers([{ id: '', address: link.address }], async () => link, group, io);
        return { kind: 'running', members, moves: 'not' };
      }),

    async positions(group, topic, io) {
      // Reads commits before ends, so that a group that consumes at the same time is not beyond the end.
      const own = (await commitsOf(group, io)).find((each) => each.topic === topic);
      const { topics } = await changes.describe(io);
      const known = topics.find((each) => each.name === topic);
      if (known === undefined) return undefined;
      const committed = new Map(Array.from(own?.partitions ?? [], (partition, k) => [partition, own?.offsets[k]]));
      const offsetsAt = async (at: number, options?: OffsetsAtOptions) => {
        const found = await changes.offsetsAt(known.partitions, at, io, options);
        return new Map(found.map(({ partition, offset }) => [partition, offset]));
      };
      const [starts, ends] = await Promise.all([offsetsAt(earliest), offsetsAt(latest)]);
      // Read after the ends: without a transaction, none is before them.
      const stable = await offsetsAt(latest, { isCommittedOnly: true });
      return known.partitions
        .map(({ partition }) => {
          const [start, end, commit] = [starts.get(partition), ends.get(partition), committed.get(partition)];
          const lastStable = stable.get(partition);
          const openFrom = lastStable !== undefined && end !== undefined && lastStable < end ? lastStable : undefined;
          return defined({ topic, partition, start, end, openFrom, committed: commit });
        })
        .toSorted((a, b) => a.partition - b.partition);
    },

    deleted: async (missing) => missing,

    topics: async (group, io) =>
      (await commitsOf(group, io)).filter(({ partitions }) => partitions.length > 0).map(({ topic }) => topic),

    offsetsAt: (places, atMs, io) => changes.offsetsAt(places, atMs, io),

    async move(group, topic, targets, _moment, io) {
      try {
        const offsets = new Map(targets.map(({ partition, offset }) => [partition, offset]));
        await commitFromOutside(reach, group, topic, offsets, io);
        return { settlesSeconds: 0 };
      } catch (cause) {
        const refusal = kafkaErrorOf(cause)?.name ?? '';
        if (!inUse.has(refusal)) throw cause;
        throw new AppError(
          'change-refused',
          `group ${group} was started meanwhile: its coordinator returned ${refusal} and set no offset`,
          { cause, hint: 'stop its members, and run the command again' },
        );
      }
    },

    [Symbol.asyncDispose]: () => reach[Symbol.asyncDispose](),
  };
}
