// Defines the modes of a RocketMQ lab: number of brokers and replication.

import { AppError } from '../../core/errors.ts';
import type { RocketmqRelease } from './release.ts';

interface Mode {
  summary: string;
  /** Broker names, one per JVM: brokers with the same name have the same queues. */
  members: readonly string[];
  /** 5 if introduced with that generation. */
  since: 4 | 5;
}

export const rocketmqModes = {
  single: { summary: 'one master', members: ['broker-a'], since: 4 },
  'two-masters': { summary: 'two masters that share the queues', members: ['broker-a', 'broker-b'], since: 4 },
  'two-masters-two-slaves': {
    summary: 'two masters that share the queues, each with a slave that copies it afterwards',
    members: ['broker-a', 'broker-a', 'broker-b', 'broker-b'],
    since: 4,
  },
  'master-slave': {
    summary: 'a master and a slave that copies it afterwards',
    members: ['broker-a', 'broker-a'],
    since: 4,
  },
  'master-slave-sync': {
    summary: 'a master that waits for its slave before it acknowledges',
    members: ['broker-a', 'broker-a'],
    since: 4,
  },
  dledger: {
    summary: 'three brokers that elect their leader by Raft',
    members: ['broker-a', 'broker-a', 'broker-a'],
    since: 4,
  },
  'acting-master': {
    summary: 'a slave that serves reads, delays and transactions while its master is away',
    members: ['broker-a', 'broker-a'],
    since: 5,
  },
  controller: {
    summary: 'a controller inside the name server names the master from the SyncStateSet',
    members: ['broker-a', 'broker-a', 'broker-a'],
    since: 5,
  },
  proxy: { summary: 'one master behind a separate proxy process', members: ['broker-a'], since: 5 },
} as const satisfies Record<string, Mode>;

export type RocketmqMode = keyof typeof rocketmqModes;
export const rocketmqModeNames = Object.keys(rocketmqModes) as RocketmqMode[];

/** Modes in which the brokers elect the master, so that ids are only known afterwards. */
export const electsMaster = (mode: RocketmqMode) => mode === 'dledger' || mode === 'controller';

type GroupCount = 1 | 2;

/**
 * Returns the group name of each broker process.
 * @param groups number of groups, if the mode has one: broker-a, broker-b
 */
export function membersOf(mode: RocketmqMode, groups: GroupCount = 1): string[] {
  const { members } = rocketmqModes[mode];
  return groups === 1 ? [...members] : ['broker-a', 'broker-b'].flatMap((name) => members.map(() => name));
}

export interface ModeRequest {
  mode: RocketmqMode;
  nameServers: NameServerCount;
  /** Number of groups of brokers with the same queues (default 1). */
  groups?: GroupCount | undefined;
  /** True if every process only accepts TLS. */
  tls?: boolean;
}

export type NameServerCount = 1 | 2 | 3;

/** @throws AppError usage for a mode that this version does not support, or not with TLS */
export function requireMode(
  { mode, nameServers, groups = 1, tls = false }: ModeRequest,
  { generation, version }: RocketmqRelease,
): void {
  if (rocketmqModes[mode].since > generation) {
    const has = rocketmqModeNames.filter((name) => rocketmqModes[name].since <= generation);
    throw new AppError('usage', `RocketMQ ${version} has no mode ${mode}: it came with RocketMQ 5`, {
      hint: `give --mode one of ${has.join(', ')}, or --version 5.3.3`,
    });
  }
  if (groups > 1 && (mode === 'proxy' || new Set<string>(rocketmqModes[mode].members).size > 1)) {
    throw new AppError('usage', `mode ${mode} has a fixed number of groups`, { hint: 'omit --groups' });
  }
  if (tls && (mode === 'dledger' || (mode === 'controller' && nameServers > 1))) {
    // Seen on 4.9.7: members refuse each other's votes.
    throw new AppError('usage', `mode ${mode} votes in plain text, which processes with --tls refuse`, {
      hint: mode === 'dledger' ? 'omit --tls' : 'omit --tls, or give --name-servers 1',
    });
  }
}
