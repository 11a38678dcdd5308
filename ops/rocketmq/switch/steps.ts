// Implements the steps that swap a master and its slave, such that no write is on only one of them.

import { bytesText, pluralText } from '../../../core/text/quantity-text.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import { seconds } from '../../../core/clock.ts';
import { groupsIn } from '../broker-group.ts';
import type { TopicCommits } from '../../../brokers/rocketmq/protocol/get-all-consumer-offset.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/get-all-topic-config.ts';
import { changesNothing, done, heldBy, type Blocker, type Step } from '../../change/step.ts';
import { named } from '../../change/change-kind.ts';
import type { Tools } from '../change.ts';
import { openWrites } from '../close-writes.ts';
import type { SwitchFacts } from './facts.ts';

/** A slave copies topics, groups and commits every 10 s (SlaveSynchronize): two rounds. */
const tablesSeconds = 20;

export function awaitCopied(facts: SwitchFacts, { desk, clock }: Tools): Step<SwitchFacts> {
  let first: readonly TopicCommits[] | undefined;
  return {
    id: 'see-copied',
    description: `wait until ${facts.slave} has all data of ${facts.master}`,
    pause: seconds(2),
    undo: changesNothing,
    async run(io) {
      const ends = await Promise.all([facts.master, facts.slave].map((address) => endOf(desk, address, io)));
      const [there = 0n, here = 0n] = ends;
      if (here < there) return heldBy(`replication lag of ${facts.slave}: ${bytesText(there - here)}`);
      const lacking = await lackingAt(facts, desk, io);
      if (lacking.length > 0) return heldBy(`${facts.slave} does not have ${named(lacking)} yet`);
      const commits = await desk.commits(facts.master, io);
      first ??= commits;
      const older = olderThan([first, commits], await desk.commits(facts.slave, io));
      if (older.length > 0) return heldBy(`${facts.slave} has older commits than ${facts.master}: ${named(older)}`);
      const until = new Date(Date.parse(facts.quietAt ?? clock.now().toISOString()) + tablesSeconds * 1000);
      if (clock.now() < until) return heldBy('topics, groups and commits are copied every 10 s', until);
      return done(
        `both logs end at ${there}, both have the same topics and groups, and ${facts.slave} has the commits of ${facts.master}`,
      );
    },
  };
}

/**
 * A restarted slave copies no table until it knows its master. It creates the retry topic of a group that connects, so
 * its tables look complete. Topics that it lacks when it becomes master lose their route.
 */
async function lackingAt({ master, slave }: SwitchFacts, desk: ChangeDesk, io: Io): Promise<string[]> {
  const [topics, copied] = await Promise.all([master, slave].map((address) => desk.topics(address, io)));
  const [groups, known] = await Promise.all([master, slave].map((address) => desk.groups(address, io)));
  const there = new Map(copied?.map((topic) => [topic.name, topic]));
  const isSame = (topic: TopicDefinition) =>
    there.get(topic.name)?.readQueues === topic.readQueues && there.get(topic.name)?.writeQueues === topic.writeQueues;
  const names = new Set(known?.map(({ name }) => name));
  return [
    ...(topics ?? []).filter((topic) => !isSame(topic)).map(({ name }) => `topic ${name}`),
    ...(groups ?? []).filter(({ name }) => !names.has(name)).map(({ name }) => `group ${name}`),
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
): string[] {
  const keyOf = ({ topic, group }: TopicCommits) => `${topic} ${group}`;
  const [current, copied] = [now, has].map((commits) => new Map(commits.map((each) => [keyOf(each), each.byQueue])));
  return first.flatMap((each) =>
    [...each.byQueue].some(([queueId, before]) => {
      const offset = current?.get(keyOf(each))?.get(queueId);
      const wanted = offset !== undefined && offset < before ? offset : before;
      return offset !== undefined && (copied?.get(keyOf(each))?.get(queueId) ?? -1n) < wanted;
    })
      ? [`group ${each.group} in ${each.topic}`]
      : [],
  );
}

const endOf = async (desk: ChangeDesk, address: string, io: Io) =>
  parseRuntimeInfo(await desk.runtime(address, io)).commitLogMaxOffset ?? 0n;

export function stopMaster(facts: SwitchFacts, { desk }: Tools): Step<SwitchFacts> {
  const { brokerName, master } = facts;
  return {
    id: 'stop-master',
    by: 'operator',
    description: `stop the master at ${master}`,
    how: [`on the host of ${master}: sh bin/mqshutdown broker, and wait until the process has ended`],
    pause: seconds(1),
    undo: { description: `an operator starts ${master} as the master again where it was stopped` },
    async run(io) {
      const reached = await desk.reach(master, io);
      if (reached === 'refused') return done(`${master} refuses connections`);
      return heldBy(
        `${brokerName}:0 at ${master} ${reached === 'answers' ? 'still answers: stop it' : 'is silent: it may hang, and come back'}`,
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
    how: [
      `on the host of ${slave}: sh bin/mqshutdown broker, and wait until the process has ended`,
      `in its broker.conf: brokerId=0 instead of ${slaveId}, brokerRole=${role} instead of SLAVE`,
      'sh bin/mqbroker -c conf/broker.conf',
    ],
    pause: seconds(1),
    undo: { description: `an operator starts ${slave} as slave ${slaveId} again where it was made the master` },
    async run(io) {
      const holds = await notListed(desk, brokerName, 0, slave, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return done(`${brokerName}:0 is at ${slave} on ${pluralText(desk.namesrv.length, 'name server')}`);
    },
  };
}

async function notListed(desk: ChangeDesk, brokerName: string, id: number, address: string, io: Io) {
  return (await desk.listings(io)).flatMap(({ server, brokers, reason }): Blocker[] => {
    if (brokers === undefined) return [{ what: reason ?? `name server ${server} does not answer` }];
    const members = groupsIn([{ server, brokers }]).get(brokerName)?.members ?? [];
    const isThere = members.some((member) => member.brokerId === id && member.address === address);
    return isThere ? [] : [{ what: `name server ${server} does not list ${brokerName}:${id} at ${address}` }];
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
    how: [
      `on the host of ${master}, in its broker.conf: brokerId=${slaveId} instead of 0, brokerRole=SLAVE`,
      'sh bin/mqbroker -c conf/broker.conf; its store matches that of the new master, and it continues from there',
    ],
    pause: seconds(2),
    undo: { description: `an operator stops ${master}, the new slave` },
    async run(io) {
      const holds = await notListed(desk, brokerName, slaveId, master, io);
      if (holds.length > 0) return { kind: 'held', holds };
      await desk.set(master, { brokerPermission: String(permission) }, io);
      const wanted = await endOf(desk, slave, io);
      const has = await endOf(desk, master, io);
      if (has < wanted) return heldBy(`replication lag of ${master}: ${bytesText(wanted - has)}`);
      return done(`${brokerName}:${slaveId} is at ${master}, its log ends at ${has}`);
    },
  };
}
