// Plans a failover drill: finds leader and followers of a broker group, and how a new leader is chosen.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { AppError } from '../../../core/errors.ts';
import { groupNamed, notListedHint } from '../broker-group.ts';
import { readListings } from '../listings.ts';
import type { DrillReport } from './facts.ts';

export type DrillPlan = Pick<DrillReport, 'brokerName' | 'mode' | 'leader' | 'followers' | 'answersAlone'>;

/** @throws AppError not-found, broker-unreachable, change-refused if too few members would be left to elect a leader */
export async function planDrill(
  desk: Pick<ChangeDesk, 'cluster' | 'listings' | 'settings' | 'replication' | 'namesrv'>,
  brokerName: string,
  io: Io,
): Promise<DrillPlan> {
  const { members } = groupNamed(await readListings(desk, io), brokerName);
  const leader = members.find(({ brokerId }) => brokerId === 0)?.address;
  if (leader === undefined) {
    throw new AppError('broker-unreachable', `broker ${brokerName} has no leader now`, { hint: notListedHint });
  }
  const settings = await desk.settings(leader, io);
  const isOn = (key: string) => settings.get(key) === 'true';
  const mode: DrillPlan['mode'] =
    isOn('enableDLegerCommitLog') || isOn('enableDLedgerCommitLog')
      ? 'dledger'
      : isOn('enableControllerMode')
        ? 'controller'
        : isOn('enableSlaveActingMaster')
          ? 'acting-master'
          : 'none';
  const followers = members.flatMap(({ address }) => (address === leader ? [] : [address]));
  const peers = (settings.get('dLegerPeers') ?? '').split(';').filter(Boolean).length;
  const needed = { dledger: Math.floor(peers / 2) + 1, controller: 1, 'acting-master': 0, none: 0 }[mode];
  if (followers.length < needed) {
    const left = followers.length === 0 ? 'no member' : `only ${followers.join(', ')}`;
    throw new AppError('change-refused', `if its leader stops, ${brokerName} has ${left} to elect another leader`, {
      hint: 'start the stopped members: `plimsoll get brokers` shows those that run',
    });
  }
  // A controller elects a member of the SyncStateSet only (enableElectUncleanMaster=false), which never has an asyncLearner.
  const replication = mode === 'controller' ? await desk.replication(leader, io) : undefined;
  if (replication?.slaves.every(({ inSync }) => !inSync) === true) {
    throw new AppError('change-refused', `if its leader stops, ${brokerName} has no member in sync to become leader`, {
      hint: 'wait until a member has caught up; one with asyncLearner=true never becomes leader',
    });
  }
  // allAckInSyncStateSet and inSyncReplicas (MessageStoreConfig): defaults are false and 1. Raft responds after a
  // majority has the message.
  const answersAlone =
    mode === 'controller' && !isOn('allAckInSyncStateSet') && Number(settings.get('inSyncReplicas') ?? 1) < 2;
  return { brokerName, mode, leader, followers, answersAlone };
}
