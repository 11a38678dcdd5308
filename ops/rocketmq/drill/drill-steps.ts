// Implements the steps of a drill: create its topic, measure the loss of the leader, and delete the topic.

import { randomBytes } from 'node:crypto';
import type { ClusterAdmin, Io } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { Text } from '../../../core/text/bilingual.ts';
import { findingIf, type ChangeKind } from '../../change/change-kind.ts';
import { done, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { restoreEach } from '../change-each.ts';
import { DrillFacts } from './facts.ts';
import { groupsIn, topicAt } from '../broker-group.ts';
import { measureFailover, wait, type MeasureTools } from './measure-failover.ts';
import { planDrill, type DrillPlan } from './plan-drill.ts';

export interface DrillTools extends MeasureTools, Pick<Tools, 'gone'> {
  admin: Pick<ClusterAdmin, 'deleteTopic'>;
}

/** @param shown facts of the plan shown before, with the topic */
export const drillFacts = ({ brokerName, leader, followers }: DrillPlan, shown?: DrillFacts): DrillFacts => ({
  brokerName,
  members: [leader, ...followers],
  topic: shown?.topic ?? `plimsoll-drill-${randomBytes(4).toString('hex')}`,
});

export const drillFindings = ({ mode, brokerName, answersAlone }: DrillPlan) => [
  ...findingIf(mode === 'none' || mode === 'acting-master', 'critical', 'no-failover', {
    en: `${brokerName} has no automatic failover for writes: it has neither DLedger nor a controller; \`plimsoll ops rocketmq switch\` plans how a slave becomes the master`,
    zh: `${brokerName} 的写入没有自动故障切换：既未使用 DLedger，也没有 Controller；\`plimsoll ops rocketmq switch\` 可规划从节点如何成为主节点`,
  }),
  ...findingIf(answersAlone, 'warning', 'leader-acknowledges-alone', {
    en: `the leader of ${brokerName} acknowledges before a follower has the message: acknowledged messages may be lost with the leader; allAckInSyncStateSet=true waits for all replicas in sync`,
    zh: `${brokerName} 的主节点在从节点收到消息之前就确认写入：主节点故障时，已确认的消息可能丢失；allAckInSyncStateSet=true 会等待全部同步副本`,
  }),
];

/** The texts of steps do not name the topic, which differs in each plan, so that a plan can be approved. */
export const drill: ChangeKind<DrillFacts, DrillTools> = { name: 'drill', facts: DrillFacts, steps: drillSteps };

export function drillSteps(facts: DrillFacts, tools: DrillTools): Step<DrillFacts>[] {
  const { brokerName, topic } = facts;
  const { desk } = tools;
  return [
    {
      id: 'create-topic',
      description: `create a topic on the leader of ${brokerName}`,
      zh: `在 ${brokerName} 的主节点上创建一个 Topic`,
      undo: {
        description: 'delete the topic of the drill from every broker and name server',
        zh: '从所有 Broker 和 NameServer 删除演练的 Topic',
        run: (io) => removeTopic(facts, tools, io),
      },
      async run(io) {
        const { leader } = await planDrill(desk, brokerName, io);
        const settings = { permission: 6, filterType: 'SINGLE_TAG', sysFlag: 0, order: false, attributes: {} };
        await desk.defineTopic(leader, { name: topic, readQueues: 1, writeQueues: 1, ...settings }, undefined, io);
        return done({ en: `topic ${topic} is created`, zh: `已创建 Topic ${topic}` });
      },
    },
    {
      id: 'measure',
      description: `measure while an operator stops the leader of ${brokerName}, and starts it again`,
      zh: `在运维人员停止并重新启动 ${brokerName} 主节点期间测量`,
      undo: {
        description: `an operator starts the members of ${brokerName} that were stopped`,
        zh: `由运维人员启动 ${brokerName} 中已停止的节点`,
      },
      async run(io) {
        const away = await notAnswering(facts, tools, io);
        if (away.length > 0) {
          throw new AppError('drill-failed', `${away.join(', ')} of ${brokerName} does not answer`, {
            hint: 'start it',
          });
        }
        // Another member may lead since the drill began.
        const plan = await planDrill(desk, brokerName, io);
        return { ...done(), learnt: { report: await measureFailover(plan, topic, tools, io) } };
      },
    },
    {
      id: 'delete-topic',
      description: 'delete the topic of the drill from every broker and name server',
      zh: '从所有 Broker 和 NameServer 删除演练的 Topic',
      undo: { none: 'the topic of a drill is not needed after it', zh: '演练结束后不再需要该 Topic' },
      run: async (io) => done(await removeTopic(facts, tools, io)),
    },
  ];
}

async function notAnswering({ members }: DrillFacts, { desk }: Pick<DrillTools, 'desk'>, io: Io): Promise<string[]> {
  const reached = await Promise.all(members.map((address) => desk.reach(address, io)));
  return members.filter((_, index) => reached[index] !== 'answers');
}

/** A follower drops a topic every 10 s (slave synchronize). */
const droppedSeconds = seconds(40);

/** @throws AppError as `restoreEach`, while a member that may still have the topic does not respond */
async function removeTopic(facts: DrillFacts, tools: DrillTools, io: Io): Promise<Text[]> {
  const { brokerName, members, topic } = facts;
  const { desk, clock, admin, gone } = tools;
  await admin.deleteTopic(topic, io);
  return await restoreEach(
    members,
    async (address) => {
      if ((await desk.reach(address, io)) !== 'answers') {
        const message = `${address} of ${brokerName} does not answer, and may still have topic ${topic}`;
        throw new AppError('broker-unreachable', message);
      }
      const isGone = async () => (await topicAt(desk, address, topic, io)) === undefined;
      await wait({ clock, patience: droppedSeconds }, `topic ${topic} to be dropped by ${address}`, io, isGone);
      return { en: `${address} has no topic ${topic}`, zh: `${address} 已没有 Topic ${topic}` };
    },
    {
      gone,
      nameOf: (address) => address,
      isListed: async (address) =>
        [...groupsIn(await desk.listings(io)).values()].some((group) =>
          group.members.some((member) => member.address === address),
        ),
      before: () => ({ en: `no topic ${topic}`, zh: `无 Topic ${topic}` }),
    },
  );
}
