// Finds the current addresses of broker group members, and restores them there.

import { z } from 'zod';
import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../brokers/rocketmq/changes/change-desk.ts';
import { AppError, faultOf, isUnreachable } from '../../core/errors.ts';
import { type Text, textIn } from '../../core/text/bilingual.ts';
import type { Tools } from './change.ts';
import { mastersListed } from './broker-group.ts';
import { restoreEach, type Gone } from './change-each.ts';
import { answering } from './listings.ts';

/** A member of a broker group. */
export interface Member {
  brokerName: string;
  brokerId: number;
  /** Address when the change was planned. */
  address: string;
  /** Addresses of members of the group that the change leaves out. */
  others?: readonly string[] | undefined;
}

/** Fact: the addresses of the other members of the group, when the change was planned. */
export const otherMembers = z.array(z.string()).optional();

export const memberName = ({ brokerName, brokerId }: Pick<Member, 'brokerName' | 'brokerId'>) =>
  `${brokerName}:${brokerId}`;

/** Under a supervisor, a broker that is shut down otherwise is started again. */
export const shutDownText = (address: string, who?: string): Text => ({
  en: `on the host of ${address}: supervisorctl stop PROGRAM, or systemctl stop UNIT. Only if neither runs the broker: sh bin/mqshutdown broker, which stops every broker of the host. Then wait until the process${who === undefined ? '' : ` of ${who}`} has ended`,
  zh: `在 ${address} 所在主机执行 supervisorctl stop PROGRAM 或 systemctl stop UNIT；仅当 Broker 不由两者管理时，才执行 sh bin/mqshutdown broker（会停止该主机上的全部 Broker）。然后等待${who === undefined ? '' : ` ${who} 的`}进程退出`,
});

/** A supervisor would start a second process beside one that was started otherwise. */
export const startText = {
  en: 'supervisorctl start PROGRAM or systemctl start UNIT; only if neither runs the broker: sh bin/mqbroker -c conf/broker.conf',
  zh: 'supervisorctl start PROGRAM 或 systemctl start UNIT；仅当 Broker 不由两者管理时，才执行 sh bin/mqbroker -c conf/broker.conf',
};

/** @param name such as `broker-a:1` */
export function namedMember(name: string): Pick<Member, 'brokerName' | 'brokerId'> {
  const colon = name.lastIndexOf(':');
  return { brokerName: name.slice(0, colon), brokerId: Number(name.slice(colon + 1)) };
}

/** Adds to brokers of the facts what identifies them as members. */
export const asMembers = <Of extends { brokerName: string }>(brokers: readonly Of[]) =>
  brokers.map((broker) => ({ ...broker, name: broker.brokerName, ...namedMember(broker.brokerName) }));

const plannedIn = (brokerName: string, planned: readonly Member[]): string[] =>
  planned.filter((each) => each.brokerName === brokerName).flatMap(({ address, others = [] }) => [address, ...others]);
const isPlanned = ({ brokerName, address }: Member, planned: readonly Member[]): boolean =>
  plannedIn(brokerName, planned).includes(address);

type Desk = Pick<ChangeDesk, 'listings' | 'settings'>;

/**
 * @returns for each name server: the planned address if listed, otherwise another one with the member's id; if an election
 *   gave its id to another member, the only new address of the group
 */
export function addressesOf(member: Member, planned: readonly Member[], listings: readonly ServerListing[]): string[] {
  const addresses = listings.flatMap(({ brokers = [] }) => {
    const listed = brokers
      .filter(({ brokerName }) => brokerName === member.brokerName)
      .flatMap((group) => [...group.addresses]);
    if (listed.some(([, address]) => address === member.address)) return [member.address];
    const known = plannedIn(member.brokerName, planned);
    const added = listed.filter(([, address]) => !known.includes(address));
    const withId = added.filter(([id]) => id === member.brokerId);
    const wasElected = withId.length === 0 && listed.some(([id]) => id === member.brokerId);
    const others = known.filter((address) => address !== member.address);
    const isOnlyMove = added.length === 1 && others.every((other) => listed.some(([, address]) => address === other));
    return (wasElected && isOnlyMove ? added : withId).map(([, address]) => address);
  });
  return [...new Set(addresses)];
}

/** @returns planned members with current addresses; a member at a new address keeps its former values */
export async function membersNow<Of extends Member>(members: readonly Of[], desk: Desk, io: Io): Promise<Of[]> {
  return members.length === 0 ? [] : located(members, await desk.listings(io));
}

const located = <Of extends Member>(members: readonly Of[], listings: readonly ServerListing[]): Of[] =>
  members.flatMap((member) => {
    // While one name server is outdated, they list different addresses: both may run.
    const addresses = addressesOf(member, members, listings);
    return (addresses.length === 0 ? [member.address] : addresses).map((address) => ({ ...member, address }));
  });

/** Properties of a current or former address of a member. */
export interface Located {
  /** A name server lists the member at another address; a process may still run here. */
  isFormer?: boolean;
  /** Whether a name server lists the member at any address; undefined while no name server responds. */
  isListed?: boolean | undefined;
}

/** Like `membersNow`, and adds the former addresses of members that moved. */
export async function everyMember<Of extends Member>(
  members: readonly Of[],
  desk: Desk,
  io: Io,
): Promise<(Of & Located)[]> {
  if (members.length === 0) return [];
  const listings = await desk.listings(io);
  const moved = located(members, listings).filter((member) => !isPlanned(member, members));
  const hasMoved = (member: Of) => moved.some((each) => memberName(each) === memberName(member));
  const isListed = (member: Of) => inAnswers(listings, () => addressesOf(member, members, listings).length > 0);
  return [
    ...members.map((member) => ({ ...member, isFormer: hasMoved(member), isListed: isListed(member) })),
    ...moved.map((member) => ({ ...member, isListed: true })),
  ];
}

/** False if another broker now has the address of a member that moved. */
export const isSameBroker = ({ brokerName }: { brokerName: string }, settings: ReadonlyMap<string, string>): boolean =>
  (settings.get('brokerName') ?? brokerName) === brokerName;
export const takenText = (address: string) => ({
  en: `${address} is the address of another broker by now`,
  zh: `${address} 现在是其他 Broker 的地址`,
});

export const refusesText = (address: string) => ({
  en: `${address} refuses access, as another broker may`,
  zh: `${address} 拒绝访问，可能已是其他 Broker`,
});

/** Members of a group accept the same accounts, and running ones are listed. */
export const isRefusedByOther = ({ isFormer, isListed }: Located, { code }: AppError): boolean =>
  (isFormer === true || isListed === false) && code === 'credentials-refused';

/** @throws AppError broker-unreachable if another broker has the address; errors of the broker */
export async function settingsAt(member: Member, desk: Desk, io: Io): Promise<ReadonlyMap<string, string>> {
  const settings = await desk.settings(member.address, io);
  if (isSameBroker(member, settings)) return settings;
  throw new AppError(
    'broker-unreachable',
    `${takenText(member.address).en}, and no name server lists ${memberName(member)}`,
  );
}

interface Restoration<Of extends Member> {
  /** Text about the state before the change. */
  before(member: Of): Text;
  /** Text about the state that this change has set. */
  after(member: Of): Text;
  /** @returns what was restored */
  restore(member: Of, settings: ReadonlyMap<string, string>): Promise<Text>;
}

/** @returns what was restored, including former addresses. @throws AppError as `restoreEach` */
export async function restoreMembers<Of extends Member>(
  members: readonly Of[],
  { desk, gone }: Pick<Tools, 'gone'> & { desk: Desk },
  { before, after, restore }: Restoration<Of>,
  io: Io,
): Promise<Text[]> {
  return await restoreEach<Of & Located>(
    await everyMember(members, desk, io),
    async (member) => {
      const { address, isFormer } = member;
      if (isFormer !== true) return await restore(member, await settingsAt(member, desk, io));
      const settings = await desk.settings(address, io).catch((cause: unknown) => faultOf(cause, io));
      if (!(settings instanceof AppError))
        return isSameBroker(member, settings) ? await restore(member, settings) : takenText(address);
      if (!isUnreachable(settings) && !isRefusedByOther(member, settings)) throw settings;
      const why = isUnreachable(settings)
        ? { en: `${address} does not answer`, zh: `${address} 无响应` }
        : refusesText(address);
      return {
        en: `${why.en}; ${memberName(member)} may still have ${textIn(after(member), 'en')} there`,
        zh: `${why.zh}；${memberName(member)} 在该地址可能仍为 ${textIn(after(member), 'zh')}`,
      };
    },
    { gone, nameOf: memberName, isListed: (member) => member.isListed, before },
  );
}

const inAnswers = (listings: readonly ServerListing[], look: () => boolean): boolean | undefined =>
  answering(listings).length === 0 ? undefined : look();

/** Describes lost masters for a change of masters only. @param before text about the state before the change */
export const goneMasters = <Of extends { brokerName: string }>(
  { desk, gone }: Pick<Tools, 'gone'> & { desk: Pick<ChangeDesk, 'listings'> },
  before: (broker: Of) => Text,
  io: Io,
): Gone<Of> => ({
  gone,
  nameOf: ({ brokerName }) => brokerName,
  isListed: (broker) => isMasterListed(desk, broker, io),
  before,
});

/** @returns undefined while no name server answers */
export async function isMasterListed(
  desk: Pick<ChangeDesk, 'listings'>,
  { brokerName }: { brokerName: string },
  io: Io,
): Promise<boolean | undefined> {
  const listings = await desk.listings(io);
  return inAnswers(listings, () => mastersListed(listings, brokerName).size > 0);
}
