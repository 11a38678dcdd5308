// Waits at the end of an installation until the cluster lists every installed broker and is healthy.

import { seconds } from '../../../core/clock.ts';
import { changesNothing, done, heldBy, type Step } from '../../change/step.ts';
import type { InstanceFacts, InstanceTools } from '../facts.ts';

/** Roles that a cluster lists as brokers. */
const brokerRoles = /^(?:kafka-broker|rocketmq-(?:master|slave|dledger|replica))/;
/** Roles whose id is configured; DLedger and controllers assign the ids of the others. */
const rolesWithFixedId = /^(?:kafka-broker|rocketmq-(?:master|slave)$)/;

export function awaitMembers({ order }: InstanceFacts, { gate }: InstanceTools): Step<InstanceFacts> {
  const wanted = order.filter(({ target }) => brokerRoles.test(target.role)).length;
  const named = order.flatMap(({ target }) => (rolesWithFixedId.test(target.role) ? (target.broker ?? []) : []));
  return {
    id: 'await-members',
    description: `wait until the cluster lists its ${wanted} installed ${wanted === 1 ? 'broker' : 'brokers'} and is healthy`,
    zh: `等待集群列出已安装的 ${wanted} 个 Broker 且状态健康`,
    pause: seconds(2),
    undo: changesNothing,
    async run(io) {
      if (wanted === 0) return done();
      const seen = await gate.baseline(io);
      if (seen.brokers.length < wanted) {
        return heldBy({
          en: `the cluster lists ${seen.brokers.length} of ${wanted} brokers`,
          zh: `集群只列出 ${wanted} 个 Broker 中的 ${seen.brokers.length} 个`,
        });
      }
      const absent = named.filter((id) => !seen.brokers.includes(id));
      if (absent.length > 0) {
        return heldBy({
          en: `the cluster does not list ${absent.join(', ')}`,
          zh: `集群没有列出 ${absent.join('、')}`,
        });
      }
      const holds = await gate.blockers(seen, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return done({ en: `the cluster lists ${seen.brokers.join(', ')}`, zh: `集群已列出 ${seen.brokers.join('、')}` });
    },
  };
}
