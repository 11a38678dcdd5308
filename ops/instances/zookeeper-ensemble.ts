// Checks before a ZooKeeper server of a Kafka cluster is stopped whether all servers serve, and which one leads.

import type { Io } from '../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { findInstances } from '../../hosts/instances/find-instances.ts';
import { isSame } from '../../hosts/instances/same-instance.ts';
import { named } from '../../core/text/bilingual.ts';
import type { Blocker } from '../change/step.ts';
import type { ChangedInstance, InstanceTools } from './facts.ts';

/** @param addresses of all servers: each must respond, one of them as leader */
export function zooKeeperBlockers(
  addresses: readonly string[],
  { kafka, sections }: Pick<ClusterSnapshot, 'kafka' | 'sections'>,
): Blocker[] {
  const servers = kafka?.zooKeeper ?? [];
  const silent = addresses.filter((address) => !servers.some((server) => server.address === address));
  if (silent.length > 0) {
    return silent.map((address) => {
      const { reason } = sections.find((each) => each.section === 'zookeeper' && each.broker === address) ?? {};
      return {
        what: reason ?? `the ZooKeeper server ${address} does not answer`,
        zh: `ZooKeeper 节点 ${address} 无响应${reason === undefined ? '' : `：${reason}`}`,
      };
    });
  }
  if (addresses.length < 2) return [];
  const apart = servers.filter(({ state = 'unknown' }) => !/^(?:leader|follower|observer)$/.test(state));
  if (apart.length > 0) {
    return apart.map(({ address, state = 'unknown' }) => ({
      what: `the ZooKeeper server ${address} is no member of the quorum (state ${state})`,
      zh: `ZooKeeper 节点 ${address} 不是仲裁成员（状态 ${state}）`,
    }));
  }
  const [leader, ...others] = servers.filter(({ state }) => state === 'leader');
  if (leader === undefined || others.length > 0) {
    const what = `the ZooKeeper servers ${named(addresses)} have ${leader === undefined ? 'no' : 'more than one'} leader`;
    const zh = `ZooKeeper 节点 ${named(addresses, 5, 'zh')} ${leader === undefined ? '没有 Leader' : '有多个 Leader'}`;
    return [{ what, zh }];
  }
  const { syncedFollowers } = leader;
  const followers = servers.filter(({ state }) => state === 'follower').length;
  if (syncedFollowers === undefined || syncedFollowers >= followers) return [];
  const what = `${syncedFollowers} of ${followers} ZooKeeper servers are in sync with the leader ${leader.address}`;
  const zh = `与 Leader ${leader.address} 同步的 ZooKeeper 节点：${syncedFollowers} 个（应为 ${followers} 个）`;
  return [{ what, zh }];
}

/** @returns why the servers cannot be checked: the config file must list each server that is stopped or must keep serving */
export function unseenEnsemble(
  order: readonly ChangedInstance[],
  { gate: { zooKeeper = [] }, all }: Pick<InstanceTools, 'gate' | 'all'>,
): string | undefined {
  const cluster = order.find(({ target }) => target.role === 'zookeeper')?.target.cluster;
  const servers = Object.values(all).filter((each) => each.role === 'zookeeper' && each.cluster === cluster);
  return cluster === undefined || zooKeeper.length >= servers.length
    ? undefined
    : `clusters.${cluster}.zookeeper of the config file lists ${zooKeeper.length} of ${servers.length} ZooKeeper servers, so whether the others serve is unknown: add the client port of each, such as host:2181`;
}

/** Only the leader listens on its quorum port. @returns its name; undefined if none is found */
export async function findLeadingServer(
  order: readonly ChangedInstance[],
  { hostOf }: Pick<InstanceTools, 'hostOf'>,
  io: Io,
): Promise<string | undefined> {
  for (const { name, target } of order) {
    if (target.role !== 'zookeeper') continue;
    const server = (await findInstances(hostOf(target.host), io)).find((each) => isSame(target, each));
    const { quorumPorts = [] } = server?.settings ?? {};
    if (server?.listens?.some((port) => quorumPorts.includes(port)) === true) return name;
  }
  return undefined;
}
