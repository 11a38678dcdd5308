// Plans a name server change and lists what prevents it, without changing anything.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { readNumber } from '../../../brokers/rocketmq/runtime-info.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { clientTopics, groupsIn } from '../broker-group.ts';
import { findingsOfServers, ownNames, readListings } from '../listings.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import { keepsAddress, listOf, type NameServersFacts } from './facts.ts';

export interface NameServersSpec {
  add?: string;
  remove?: string;
}

/** Default of updateNameServerAddrPeriod, and maximum time between two registrations. */
const [addressPeriodMs, registerMs] = [120_000, 30_000];

/** @throws AppError usage, broker-unreachable */
export async function planNameServers(
  desk: ChangeDesk,
  { add, remove }: NameServersSpec,
  io: Io,
): Promise<PlannedChange<NameServersFacts>> {
  const listings = await readListings(desk, io);
  const names = ownNames(listings);
  const members = [...groupsIn(listings)].flatMap(([brokerName, group]) =>
    group.members.map(({ brokerId, address }) => ({ id: `${brokerName}:${brokerId}`, brokerId, address })),
  );
  const settings = await Promise.all(members.map(({ address }) => desk.settings(address, io)));
  const brokers = members.map(({ id, address }, index) => ({
    id,
    address,
    namesrvAddr: settings[index]?.get('namesrvAddr') ?? '',
  }));
  const known = new Set([...desk.namesrv, ...brokers.flatMap(({ namesrvAddr }) => listOf(namesrvAddr))]);
  const others = [...known].filter((address) => address !== remove && address !== add);
  if (remove !== undefined && !known.has(remove)) {
    throw new AppError(
      'usage',
      `neither the brokers nor the config list a name server ${remove}; known: ${named([...known])}`,
    );
  }
  const topics = new Set<string>();
  for (const { brokerId, address } of members) {
    if (brokerId !== 0) continue;
    for (const { name } of clientTopics(await desk.topics(address, io), names)) topics.add(name);
  }
  const periods = settings.map((of) => readNumber(of.get('updateNameServerAddrPeriod')) ?? addressPeriodMs);
  const facts: NameServersFacts = {
    ...(add !== undefined && { add }),
    ...(remove !== undefined && { remove }),
    others,
    brokers,
    topics: [...topics].sort(),
    longestSeconds: (Math.max(0, ...periods) + registerMs) / 1000,
  };
  const silent = listings.filter(({ server }) => server !== remove && server !== add);
  const findings: Finding[] = [
    ...findingsOfServers(silent),
    ...(await findingsOfList(desk, facts, io)),
    ...findingIf(add !== undefined && known.has(add) && add !== remove, 'warning', 'known-already', {
      en: `${add} is already listed by the config or a broker`,
      zh: `配置或某个 Broker 已列出 ${add}`,
    }),
  ];
  return { facts, findings };
}

async function findingsOfList(desk: ChangeDesk, facts: NameServersFacts, io: Io): Promise<Finding[]> {
  const { remove, others, brokers } = facts;
  const unset = brokers.filter(({ namesrvAddr }) => namesrvAddr === '');
  const findings: Finding[] = [];
  const say = (...of: Parameters<typeof finding>) => findings.push(finding(...of));
  if (unset.length > 0 && !keepsAddress(facts)) {
    const ids = unset.map(({ id }) => id);
    say('critical', 'no-setting', {
      en: `${named(ids)} was started without namesrvAddr (address server or NAMESRV_ADDR): change it at its source`,
      zh: `${named(ids, 5, 'zh')} 启动时未设置 namesrvAddr（使用地址服务器或 NAMESRV_ADDR）：请在其来源处修改`,
    });
  }
  if (remove === undefined) return findings;
  if (others.length === 0) {
    say('critical', 'last-name-server', {
      en: `${remove} is the only name server: add another first`,
      zh: `${remove} 是唯一的 NameServer：请先增加一个`,
    });
    return findings;
  }
  for (const { server, brokers: listed } of await desk.listings(io, others)) {
    const there = new Set((listed ?? []).flatMap(({ addresses }) => [...addresses.values()]));
    const missing = brokers.filter(({ address }) => !there.has(address)).map(({ id }) => id);
    if (missing.length === 0) continue;
    say('critical', 'half-known', {
      en: `${server} does not list ${named(missing)}: without ${remove} clients that use it would not find them`,
      zh: `${server} 未列出 ${named(missing, 5, 'zh')}：移除 ${remove} 后，使用 ${server} 的客户端将找不到它们`,
    });
  }
  return findings;
}
