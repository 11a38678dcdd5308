// Which member of each DLedger group leads, and how far are the others behind it?

import type { RocketmqBroker, RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import type { ClusterCollector, Measurement } from '../../collector.ts';
import { fromDetails } from './from-details.ts';

const perMember = ['broker', 'member'];

/** The broker id of a member moves with the leadership (0 is whoever leads), its `dLegerSelfId` does not. */
export const rocketmqDledger = {
  of: 'rocketmq',
  follows: 'ours',
  source: 'GET_BROKER_CONFIG (`dLegerSelfId`), GET_BROKER_CLUSTER_INFO, GET_BROKER_RUNTIME_INFO',
  cost: 'nothing of its own; settings are read with a long period',
  metrics: {
    rocketmq_dledger_leader: {
      type: 'gauge',
      help: '1 for the member that leads the DLedger group, 0 for its followers; `broker` is the broker name. A member that does not answer has none: without a leader none is 1.',
      labels: perMember,
      unit: '1 or 0',
    },
    rocketmq_dledger_behind_bytes: {
      type: 'gauge',
      help: "Bytes of the leader's commit log the member has not: the difference of their ends, read one after the other. Never below 0.",
      labels: perMember,
    },
  },

  collect({ snapshot }) {
    return fromDetails(snapshot, membersOf);
  },
} satisfies ClusterCollector;

function* membersOf({ brokers }: RocketmqDetails): Iterable<Measurement> {
  for (const [name, members] of Map.groupBy(brokers.filter(isLivingMember), ({ brokerName }) => brokerName)) {
    const end = endOf(members.find(({ brokerId }) => brokerId === 0));
    for (const member of members) {
      const labels = [name, member.config?.get('dLegerSelfId') ?? ''];
      yield { metric: 'rocketmq_dledger_leader', labels, value: Number(member.brokerId === 0) };
      const own = endOf(member);
      if (end === undefined || own === undefined) continue;
      yield { metric: 'rocketmq_dledger_behind_bytes', labels, value: end > own ? end - own : 0n };
    }
  }
}

/** A name server lists a dead leader until the next one registers. */
const isLivingMember = ({ config, runtime }: RocketmqBroker) =>
  runtime !== undefined && config?.get('enableDLegerCommitLog') === 'true' && config.get('dLegerSelfId') !== undefined;

const endOf = (broker: RocketmqBroker | undefined) => parseRuntimeInfo(broker?.runtime).commitLogMaxOffset;
