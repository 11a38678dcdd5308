// Exports the leader of each DLedger group and the lag of its followers.

import { masterId } from '../../../core/broker-kind/rocketmq.ts';
import type { RocketmqBroker } from '../../../brokers/rocketmq/details.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';
import { behindOf, commitLogEnds } from './commit-log-ends.ts';
import { answering, fromDetails, unreachable } from './from-details.ts';

const { gauge, flag } = labelled('broker', 'member');

/** The broker id of a member changes with leadership (0 is the leader), its `dLegerSelfId` does not. */
export const rocketmqDledger = {
  of: 'rocketmq',
  source: 'GET_BROKER_CONFIG (`dLegerSelfId`), GET_BROKER_CLUSTER_INFO, GET_BROKER_RUNTIME_INFO',
  cost: 'no additional cost',
  metrics: {
    rocketmq_dledger_leader: flag(
      '1 for the member that leads the DLedger group, 0 for its followers; `broker` is the broker name. A member that does not answer has no series; without a leader, none is 1. Absent while a leader that runs reports no settings.',
    ),
    rocketmq_dledger_behind_bytes: gauge(
      'Replication lag of the member in bytes of the commit log: the difference of the ends, read one after the other. Never below 0.',
    ),
  },

  collect: ({ snapshot }) => fromDetails(snapshot, ({ brokers }) => membersOf(snapshot, brokers)),
} satisfies ClusterCollector;

function* membersOf(snapshot: ClusterSnapshot, brokers: readonly RocketmqBroker[]): Iterable<Measurement> {
  // A name server lists a dead leader until the next leader registers.
  const members = answering(snapshot).filter(({ config }) => config?.get('enableDLegerCommitLog') === 'true');
  const ends = commitLogEnds(snapshot);
  const down = unreachable(snapshot);
  for (const [name, group] of Map.groupBy(members, ({ brokerName }) => brokerName)) {
    const leader = brokers.find(({ id }) => id === masterId(name));
    // Settings of an overloaded broker are not read, but a leader without settings is still the leader.
    const isLeaderKnown = leader === undefined || down.has(leader.id) || group.includes(leader);
    const end = ends.get(masterId(name));
    const shown = new Set<string>();
    for (const { id, brokerId, config } of group) {
      const member = config?.get('dLegerSelfId');
      // Name servers that disagree may list one process under its old and its new id.
      if (member === undefined || shown.has(member)) continue;
      shown.add(member);
      if (isLeaderKnown) {
        yield { metric: 'rocketmq_dledger_leader', labels: [name, member], value: Number(brokerId === 0) };
      }
      yield* known('rocketmq_dledger_behind_bytes', [name, member], behindOf(end, ends.get(id)));
    }
  }
}
