// Decides whether a RocketMQ cluster is healthy enough to restart its next instance.

import { masterId } from '../../core/broker-kind/rocketmq.ts';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import type { RocketmqBroker, RocketmqDetails } from '../../brokers/rocketmq/details.ts';
import type { SyncStateSet } from '../../brokers/rocketmq/protocol/controller-requests.ts';
import { parseRuntimeInfo } from '../../brokers/rocketmq/runtime-info.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Io } from '../../brokers/driver.ts';
import { bytesText } from '../../core/text/quantity-text.ts';
import { named } from '../../core/text/bilingual.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import type { Blocker } from '../change/step.ts';
import { silentServer } from '../rocketmq/listings.ts';
import type { Baseline, ClusterGate } from './facts.ts';
import { lagBlockers, lagsOf } from './lag-gate.ts';

export function rocketmqGate(name: string, config: RocketmqClusterConfig): ClusterGate {
  const read = async (io: Io) => {
    await using inspector = await driverOf(config).inspect(name, config, io);
    return await inspector.snapshot(io);
  };
  return {
    async baseline(io) {
      const snapshot = await read(io);
      // Only clients commit: a group without any waits for its next job.
      const groups = snapshot.groups.filter(({ members }) => members !== 0);
      return { brokers: snapshot.cluster.brokers.map(({ id }) => id), ...lagsOf({ groups }) };
    },
    async blockers(baseline, io) {
      const { groups, sections, rocketmq: details } = await read(io);
      return details === undefined
        ? [{ what: 'the state of the brokers was not read', zh: '未读取到 Broker 的状态' }]
        : [...rocketmqBlockers(baseline, { ...details, sections }), ...lagBlockers(baseline, { groups, sections })];
    },
  };
}

/** Default of RocketMQ's haMaxGapNotInSync: a slave further behind does not count for synchronous replication. */
const mostBehindBytes = 256 * 2 ** 20;

type Seen = Pick<RocketmqDetails, 'nameServers' | 'brokers' | 'syncStateSets'> & Pick<ClusterSnapshot, 'sections'>;

export function rocketmqBlockers(
  { brokers }: Pick<Baseline, 'brokers'>,
  { nameServers, brokers: known, syncStateSets, sections }: Seen,
): Blocker[] {
  const groups = Map.groupBy(brokers, nameOf);
  const servers = nameServers.flatMap(({ address, reachable, brokers: listed }): Blocker[] => {
    if (!reachable || listed === undefined) return [silentServer(address)];
    return [...groups].flatMap(([name, before]) => missingOf(name, before, listed, address));
  });
  const members = Map.groupBy(known, ({ brokerName }) => brokerName);
  const copies = [...groups].flatMap(([name, before]) => behindIn(members.get(name) ?? [], before.length - 1));
  const listed = new Set(known.map(({ address }) => address));
  const outOfSync = syncStateSets.flatMap((set) => outOfSyncIn(set, groups.get(set.brokerName)?.length ?? 0, listed));
  const unread = sections.find(({ section, kind }) => section === 'sync-state' && kind !== 'fresh');
  const controllers =
    unread === undefined
      ? []
      : [
          {
            what: `the SyncStateSets of the controllers cannot be read: ${unread.reason ?? 'no answer'}`,
            zh: `无法读取 Controller 的 SyncStateSet：${unread.reason ?? '无响应'}`,
          },
        ];
  return [...servers, ...copies, ...outOfSync, ...controllers];
}

/** Broker name of brokerName:brokerId, or of a DLedger member such as brokerName:n0. */
export const nameOf = (id: string) => id.slice(0, id.lastIndexOf(':'));

/** DLedger and controllers move id 0 between members, so the ids of a broker name change while its members stay. */
function missingOf(name: string, before: readonly string[], listed: readonly string[], server: string): Blocker[] {
  const now = listed.filter((id) => nameOf(id) === name);
  const master = masterId(name);
  if (now.length < before.length) {
    const there = now.length === 0 ? '' : ` (${now.join(', ')})`;
    return [
      {
        what: `name server ${server} lists ${now.length} of ${before.length} brokers of ${name}${there}`,
        zh: `NameServer ${server} 只列出 ${name} 的 ${before.length} 个节点中的 ${now.length} 个${there}`,
      },
    ];
  }
  if (!before.includes(master) || now.includes(master)) return [];
  const what = `name server ${server} lists no master of ${name}`;
  return [{ what, zh: `NameServer ${server} 未列出 ${name} 的主节点` }];
}

const forgetHow = {
  en: ' (start it, or if it was removed, see `plimsoll cluster check` for how controllers forget it)',
  zh: '（请启动它；若已移除，`plimsoll cluster check` 给出从 Controller 中删除的方法）',
};

/** Controllers keep replicas that were removed. One that is not listed is ignored if another one stays in sync after the stop. */
function outOfSyncIn(
  { brokerName, inSync, notInSync }: SyncStateSet,
  expected: number,
  listed: ReadonlySet<string>,
): Blocker[] {
  const where = 'in the SyncStateSet of the controller';
  if (notInSync !== undefined) {
    const present = notInSync.filter((address) => listed.has(address));
    const missing = inSync.length > 1 ? present : notInSync;
    if (missing.length === 0) return [];
    const how = present.length < missing.length ? forgetHow : { en: '', zh: '' };
    const zh = `${brokerName} 的 ${named(missing, 5, 'zh')} 不在 Controller 的 SyncStateSet 中${how.zh}`;
    return [{ what: `${named(missing)} of ${brokerName} not ${where}${how.en}`, zh }];
  }
  if (inSync.length >= expected) return [];
  const zh = `Controller 的 SyncStateSet 中只有 ${brokerName} 的 ${inSync.length} 个副本（应为 ${expected} 个）`;
  return [{ what: `${inSync.length} of ${expected} replicas of ${brokerName} ${where}`, zh }];
}

function behindIn(members: RocketmqDetails['brokers'], expected: number): Blocker[] {
  const silent = members.filter(({ runtime }) => runtime === undefined);
  if (silent.length > 0) {
    const ids = silent.map(({ id }) => id);
    return [{ what: `no answer from ${named(ids)}`, zh: `无响应：${named(ids, 5, 'zh')}` }];
  }
  const master = members.find(({ brokerId }) => brokerId === 0);
  if (master === undefined) return [];
  const { id, ha } = master;
  if (ha === undefined) return behindByLog(master, members);
  if (ha.slaves.length < expected) {
    const zh = `连接到 ${id} 的从节点：${ha.slaves.length} 个（应为 ${expected} 个）`;
    return [{ what: `slaves connected to ${id}: ${ha.slaves.length} of ${expected}`, zh }];
  }
  return ha.slaves.flatMap(({ address, behindBytes }) =>
    tooFar({ en: `slave ${address} of ${id}`, zh: `${id} 的从节点 ${address}` }, behindBytes),
  );
}

/** DLedger and 4.9 report no replication lag, so it is computed from the end offsets of the logs. */
function behindByLog(master: RocketmqBroker, members: RocketmqDetails['brokers']): Blocker[] {
  const endOf = ({ runtime }: RocketmqBroker) => runtime && parseRuntimeInfo(runtime).commitLogMaxOffset;
  const end = endOf(master);
  return members.flatMap((member) => {
    const own = endOf(member);
    return own === undefined || end === undefined
      ? []
      : tooFar({ en: `slave ${member.id}`, zh: `从节点 ${member.id}` }, end - own);
  });
}

function tooFar(slave: InLanguages<string>, behindBytes: bigint): Blocker[] {
  if (behindBytes <= mostBehindBytes) return [];
  const lag = bytesText(behindBytes);
  return [{ what: `${slave.en} has a replication lag of ${lag}`, zh: `${slave.zh} 的复制延迟为 ${lag}` }];
}
