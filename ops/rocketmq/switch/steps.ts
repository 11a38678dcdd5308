// Implements the steps that swap a master and its slave, such that no write is on only one of them.

import { bytesText, pluralText } from '../../../core/text/quantity-text.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import { seconds } from '../../../core/clock.ts';
import { groupsIn } from '../broker-group.ts';
import { silentServer } from '../listings.ts';
import { named, type Text } from '../../../core/text/bilingual.ts';
import type { TopicCommits } from '../../../brokers/rocketmq/protocol/offset-requests.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import { changesNothing, done, heldBy, type Blocker, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { openWrites } from '../close-writes.ts';
import { shutDownText, startText } from '../members.ts';
import type { SwitchFacts } from './facts.ts';

/** A slave copies topics, groups and commits every 10 s (SlaveSynchronize): two rounds. */
const tablesSeconds = 20;

export function awaitCopied(facts: SwitchFacts, { desk, clock }: Tools): Step<SwitchFacts> {
  let first: readonly TopicCommits[] | undefined;
  return {
    id: 'see-copied',
    description: `wait until ${facts.slave} has all data of ${facts.master}`,
    zh: `等待 ${facts.slave} 同步 ${facts.master} 的全部数据`,
    pause: seconds(2),
    undo: changesNothing,
    async run(io) {
      const ends = await Promise.all([facts.master, facts.slave].map((address) => endOf(desk, address, io)));
      const [there = 0n, here = 0n] = ends;
      if (here < there) return heldBy(replicationLag(facts.slave, there - here));
      const lacking = await lackingAt(facts, desk, io);
      if (lacking.length > 0) {
        return heldBy({
          en: `${facts.slave} does not have ${named(lacking)} yet`,
          zh: `${facts.slave} 还没有 ${named(lacking, 5, 'zh')}`,
        });
      }
      const commits = await desk.commits(facts.master, io);
      first ??= commits;
      const older = olderThan([first, commits], await desk.commits(facts.slave, io));
      if (older.length > 0) {
        return heldBy({
          en: `${facts.slave} has older commits than ${facts.master}: ${named(older)}`,
          zh: `${facts.slave} 的消费位点落后于 ${facts.master}：${named(older, 5, 'zh')}`,
        });
      }
      const until = new Date(Date.parse(facts.quietAt ?? clock.now().toISOString()) + tablesSeconds * 1000);
      if (clock.now() < until) {
        const text = {
          en: 'topics, groups and commits are copied every 10 s',
          zh: 'Topic、消费组和消费位点每 10 秒同步一次',
        };
        return heldBy(text, until);
      }
      return done({
        en: `both logs end at ${there}, both have the same topics and groups, and ${facts.slave} has the commits of ${facts.master}`,
        zh: `两端 CommitLog 末尾均为 ${there}，Topic 和消费组一致，${facts.slave} 已有 ${facts.master} 的消费位点`,
      });
    },
  };
}

/**
 * A restarted slave copies no table until it knows its master. It creates the retry topic of a group that connects, so
 * its tables look complete. Topics that it lacks when it becomes master lose their route.
 */
async function lackingAt({ master, slave }: SwitchFacts, desk: ChangeDesk, io: Io): Promise<Text[]> {
  const [topics, copied] = await Promise.all([master, slave].map((address) => desk.topics(address, io)));
  const [groups, known] = await Promise.all([master, slave].map((address) => desk.groups(address, io)));
  const there = new Map(copied?.map((topic) => [topic.name, topic]));
  const isSame = (topic: TopicDefinition) =>
    there.get(topic.name)?.readQueues === topic.readQueues && there.get(topic.name)?.writeQueues === topic.writeQueues;
  const names = new Set(known?.map(({ name }) => name));
  return [
    ...(topics ?? [])
      .filter((topic) => !isSame(topic))
      .map(({ name }) => ({ en: `topic ${name}`, zh: `Topic ${name}` })),
    ...(groups ?? [])
      .filter(({ name }) => !names.has(name))
      .map(({ name }) => ({ en: `group ${name}`, zh: `消费组 ${name}` })),
  ];
}

/**
 * A master with older commits redelivers messages that groups have read. Consumers continue to commit, so the commits
 * of the first check count; for an offset reset since then, the current one.
 *
 * @param has commits of the slave; the first parameter has those of the master at the first check and now
 */
function olderThan(
  [first, now]: readonly [readonly TopicCommits[], readonly TopicCommits[]],
  has: readonly TopicCommits[],
): Text[] {
  const keyOf = ({ topic, group }: TopicCommits) => `${topic} ${group}`;
  const [current, copied] = [now, has].map((commits) => new Map(commits.map((each) => [keyOf(each), each.byQueue])));
  return first.flatMap((each) =>
    [...each.byQueue].some(([queueId, before]) => {
      const offset = current?.get(keyOf(each))?.get(queueId);
      const wanted = offset !== undefined && offset < before ? offset : before;
      return offset !== undefined && (copied?.get(keyOf(each))?.get(queueId) ?? -1n) < wanted;
    })
      ? [{ en: `group ${each.group} in ${each.topic}`, zh: `消费组 ${each.group}（${each.topic}）` }]
      : [],
  );
}

const replicationLag = (address: string, bytes: bigint) => ({
  en: `replication lag of ${address}: ${bytesText(bytes)}`,
  zh: `${address} 的复制延迟：${bytesText(bytes)}`,
});

const endOf = async (desk: ChangeDesk, address: string, io: Io) =>
  parseRuntimeInfo(await desk.runtime(address, io)).commitLogMaxOffset ?? 0n;

export function stopMaster(facts: SwitchFacts, { desk }: Tools): Step<SwitchFacts> {
  const { brokerName, master } = facts;
  return {
    id: 'stop-master',
    by: 'operator',
    description: `stop the master at ${master}`,
    zh: `停止主节点 ${master}`,
    how: [shutDownText(master)],
    pause: seconds(1),
    undo: {
      description: `an operator starts ${master} as the master again where it was stopped`,
      zh: `若 ${master} 已停止，由运维人员重新以主节点启动`,
    },
    async run(io) {
      const reached = await desk.reach(master, io);
      if (reached === 'refused') {
        return done({ en: `${master} refuses connections`, zh: `${master} 已拒绝连接` });
      }
      return heldBy(
        reached === 'answers'
          ? {
              en: `${brokerName}:0 at ${master} still answers: stop it`,
              zh: `${brokerName}:0（${master}）仍在响应：请停止`,
            }
          : {
              en: `${brokerName}:0 at ${master} is silent: it may hang, and come back`,
              zh: `${brokerName}:0（${master}）没有响应：可能只是挂起，之后会恢复`,
            },
      );
    },
  };
}

export function startAsMaster(facts: SwitchFacts, { desk }: Tools): Step<SwitchFacts> {
  const { brokerName, slave, slaveId, role } = facts;
  return {
    id: 'start-as-master',
    by: 'operator',
    description: `restart ${slave} as the master`,
    zh: `以主节点角色重启 ${slave}`,
    how: [
      shutDownText(slave),
      {
        en: `in its broker.conf: brokerId=0 instead of ${slaveId}, brokerRole=${role} instead of SLAVE`,
        zh: `在其 broker.conf 中把 brokerId=${slaveId} 改为 0，brokerRole=SLAVE 改为 ${role}`,
      },
      startText,
    ],
    pause: seconds(1),
    undo: {
      description: `an operator starts ${slave} as slave ${slaveId} again where it was made the master`,
      zh: `若 ${slave} 已成为主节点，由运维人员重新以从节点 ${slaveId} 启动`,
    },
    async run(io) {
      const holds = await notListed(desk, brokerName, 0, slave, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return done({
        en: `${brokerName}:0 is at ${slave} on ${pluralText(desk.namesrv.length, 'name server')}`,
        zh: `${desk.namesrv.length} 个 NameServer 上 ${brokerName}:0 的地址均为 ${slave}`,
      });
    },
  };
}

async function notListed(desk: ChangeDesk, brokerName: string, id: number, address: string, io: Io) {
  return (await desk.listings(io)).flatMap(({ server, brokers, reason }): Blocker[] => {
    if (brokers === undefined) return [silentServer(server, reason)];
    const members = groupsIn([{ server, brokers }]).get(brokerName)?.members ?? [];
    const isThere = members.some((member) => member.brokerId === id && member.address === address);
    if (isThere) return [];
    const what = `name server ${server} does not list ${brokerName}:${id} at ${address}`;
    return [{ what, zh: `NameServer ${server} 未列出 ${brokerName}:${id}（${address}）` }];
  });
}

/** The slave gets the permission of its former master. */
export function openAgain(facts: SwitchFacts, tools: Tools): Step<SwitchFacts> {
  const { master, slave, members } = facts;
  const permission = members.find(({ address }) => address === master)?.permission ?? 6;
  const opened = openWrites<SwitchFacts>(facts, { address: slave, permission }, tools);
  return {
    ...opened,
    async run(io) {
      // A further slave may become master later, and stores its permission on disk.
      for (const other of members.filter(({ address }) => address !== master && address !== slave)) {
        await tools.desk.set(other.address, { brokerPermission: String(other.permission) }, io);
      }
      return await opened.run(io);
    },
  };
}

export function startAsSlave(facts: SwitchFacts, { desk }: Tools): Step<SwitchFacts> {
  const { brokerName, master, slave, slaveId, members } = facts;
  const permission = members.find(({ address }) => address === slave)?.permission ?? 6;
  return {
    id: 'start-as-slave',
    by: 'operator',
    description: `start ${master} as the slave, and wait until it has caught up`,
    zh: `以从节点角色启动 ${master}，并等待数据追平`,
    how: [
      {
        en: `on the host of ${master}, in its broker.conf: brokerId=${slaveId} instead of 0, brokerRole=SLAVE`,
        zh: `在 ${master} 所在主机的 broker.conf 中设置 brokerId=${slaveId}（原为 0）、brokerRole=SLAVE`,
      },
      {
        en: `${startText.en}; its store matches that of the new master, and it continues from there`,
        zh: `${startText.zh}；其存储与新主节点一致，会从该处继续同步`,
      },
    ],
    pause: seconds(2),
    undo: { description: `an operator stops ${master}, the new slave`, zh: `由运维人员停止新的从节点 ${master}` },
    async run(io) {
      const holds = await notListed(desk, brokerName, slaveId, master, io);
      if (holds.length > 0) return { kind: 'held', holds };
      await desk.set(master, { brokerPermission: String(permission) }, io);
      const wanted = await endOf(desk, slave, io);
      const has = await endOf(desk, master, io);
      if (has < wanted) return heldBy(replicationLag(master, wanted - has));
      return done({
        en: `${brokerName}:${slaveId} is at ${master}, its log ends at ${has}`,
        zh: `${brokerName}:${slaveId} 位于 ${master}，CommitLog 末尾为 ${has}`,
      });
    },
  };
}
