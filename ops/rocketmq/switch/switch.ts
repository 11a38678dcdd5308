// Plans and orders a manual master-slave switch: close writes, wait for the copy, stop, restart with swapped roles.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { type BrokerMember, clientTopics, controllerIn, electsLeader, groupNamed, mastersIn } from '../broker-group.ts';
import { findingsOfAllServers, ownNames, readListings } from '../listings.ts';
import { findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { ChangeKind } from '../change.ts';
import { awaitClosed, closedAlready, closeWrites, permissionIn } from '../close-writes.ts';
import { awaitQuiet } from '../await-quiet.ts';
import { findingsOfOrder, findingsOfStatic, remapped, topicsOfOpen, topicsOnlyHere } from '../other-masters.ts';
import { SwitchFacts } from './facts.ts';
import { openAgain, awaitCopied, startAsMaster, startAsSlave, stopMaster } from './steps.ts';

export const switchOver: ChangeKind<SwitchFacts> = {
  name: 'switch',
  facts: SwitchFacts,

  steps: (facts, tools) => [
    closeWrites(facts, tools),
    awaitClosed(facts, tools),
    awaitQuiet(facts, tools),
    awaitCopied(facts, tools),
    stopMaster(facts, tools),
    startAsMaster(facts, tools),
    openAgain(facts, tools),
    startAsSlave(facts, tools),
  ],

  notice: ({ brokerName, topics }) => ({
    en: [
      `Notice: master and slave of RocketMQ broker ${brokerName} change places`,
      `Topics with queues there: ${topics.length}`,
      'What clients see: producers write to the other brokers until the slave has become the master. Reading pauses during the restart. Commits of the last 10 s before the stop may be missing: some messages are redelivered.',
      'Please do: keep retries on, and let consumers handle duplicate messages.',
      'Rollback: until the master is stopped, it can accept messages again within seconds; after that, repeat the same steps in reverse.',
    ],
    zh: [
      `通知：RocketMQ Broker ${brokerName} 主从切换`,
      `涉及 Topic：${topics.length} 个（在该 Broker 上有队列）`,
      '对客户端的影响：切换期间生产者写入其他 Broker；重启期间该 Broker 上的消费暂停。停机前 10 秒内的消费位点可能丢失，个别消息会重复投递。',
      '请配合：开启重试，消费逻辑保证幂等。',
      '回滚方案：停止主节点之前可在数秒内恢复写入；之后按相同步骤切回。',
    ],
  }),
};

/** Names the commands that move an elected master. Name servers list slaves under the ids that the controller gave them. */
function electionHint(
  settings: ReadonlyMap<string, string>,
  group: { brokerName: string; cluster: string; master: BrokerMember; slave: BrokerMember },
): string {
  const { brokerName, cluster, master, slave } = group;
  const controller = controllerIn(settings);
  if (controller === undefined) {
    return `while all members run, stop ${master.address}: one with all messages is elected; \`plimsoll ops rocketmq drill\` measures the write pause`;
  }
  const name = quotedWord(brokerName);
  return [
    `\`mqadmin electMaster -a ${quotedWord(controller)} -c ${quotedWord(cluster)} -bn ${name} -b ${slave.brokerId}\` makes ${slave.address} the master, without messages that it has not copied.`,
    `To lose none, close all members first with \`plimsoll ops rocketmq alter-config --broker ${name} --set brokerPermission=4\`,`,
    `wait until \`mqadmin haStatus -b ${quotedWord(master.address)}\` shows no difference, and set 6 afterwards`,
  ].join(' ');
}

/** @throws AppError not-found, usage, broker-unreachable */
export async function planSwitch(
  desk: ChangeDesk,
  { brokerName, quietSeconds }: { brokerName: string; quietSeconds: number },
  io: Io,
): Promise<PlannedChange<SwitchFacts>> {
  const listings = await readListings(desk, io);
  const group = groupNamed(listings, brokerName);
  const names = ownNames(listings);
  const master = group.members.find(({ brokerId }) => brokerId === 0);
  const slave = group.members.find(({ brokerId }) => brokerId > 0);
  if (master === undefined || slave === undefined) {
    const missing = master === undefined ? 'master' : 'slave';
    throw new AppError('usage', `${brokerName} has no running ${missing}, so master and slave cannot be switched`);
  }
  const settings = await Promise.all(group.members.map(({ address }) => desk.settings(address, io)));
  const ofMaster = settings[group.members.indexOf(master)];
  if (ofMaster !== undefined && electsLeader(ofMaster)) {
    const by = controllerIn(ofMaster) === undefined ? 'DLedger' : 'a controller';
    throw new AppError('usage', `the master of ${brokerName} is elected by ${by}, so its role is not in broker.conf`, {
      hint: electionHint(ofMaster, { brokerName, cluster: group.cluster, master, slave }),
    });
  }
  const topics = clientTopics(await desk.topics(master.address, io), names);
  const facts: SwitchFacts = {
    brokerName,
    members: group.members.map((member, index) => ({
      ...member,
      permission: permissionIn(settings[index] ?? new Map()),
    })),
    master: master.address,
    slave: slave.address,
    slaveId: slave.brokerId,
    role: ofMaster?.get('brokerRole') ?? 'ASYNC_MASTER',
    topics: topics.map(({ name }) => name),
    names: [...names],
    quietSeconds,
  };
  const others = mastersIn(listings).filter((each) => each.brokerName !== brokerName);
  const alone = topicsOnlyHere(topics, await topicsOfOpen(desk, others, io), names);
  const findings: Finding[] = [
    ...(await findingsOfAllServers(desk, listings, io)),
    ...closedAlready(facts.members, {
      en: 'the new master gets the permission of the former one',
      zh: '新主节点沿用原主节点的权限',
    }),
    ...findingIf(others.length === 0, 'warning', 'only-group', {
      en: `${brokerName} is the only broker group with a master: no messages are accepted until the slave is the master`,
      zh: `${brokerName} 是唯一有主节点的 Broker 组：在从节点成为主节点之前不接受消息`,
    }),
    ...findingIf(others.length > 0 && alone.length > 0, 'warning', 'sends-refused', {
      en: `no other master that can be read accepts messages for the topics ${named(alone)}: sends to them are rejected until the slave is the master`,
      zh: `没有其他可读取的主节点接受以下 Topic 的消息：${named(alone, 5, 'zh')}。在从节点成为主节点之前，发往它们的消息会被拒绝`,
    }),
    ...findingsOfStatic(brokerName, topics, 'critical', remapped),
    ...findingsOfOrder(topics.filter(({ name }) => !alone.includes(name))),
  ];
  return { facts, findings };
}
