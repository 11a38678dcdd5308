// Sets the name servers of each broker, and checks that these list every broker and route.

import type { Io } from '../../../brokers/driver.ts';
import { seconds } from '../../../core/clock.ts';
import { readRoutes } from '../broker-group.ts';
import { changesNothing, done, type Blocker, type Step } from '../../change/step.ts';
import { named, type Text } from '../../../core/text/bilingual.ts';
import { silentServer } from '../listings.ts';
import type { Tools } from '../change.ts';
import { addressesOf, membersNow, namedMember, restoreMembers, settingsAt, type Member } from '../members.ts';
import { formerList, newList, type NameServersFacts } from './facts.ts';

const setting = 'namesrvAddr';

/*
 * A broker started with namesrvAddr reads it again every two minutes (4.9.4 and later; updateNameServerAddrPeriod in
 * 5.x), and writes the new list to the file it was started with: it needs no restart, and keeps the list after one.
 */
export function updateBrokers(facts: NameServersFacts, tools: Tools): Step<NameServersFacts> {
  const { desk, clock } = tools;
  return {
    id: 'tell-brokers',
    description: `set ${setting} on all brokers (${facts.brokers.length})`,
    zh: `在全部 Broker 上设置 ${setting}（${facts.brokers.length} 个）`,
    pause: seconds(2),
    async run(io) {
      const evidence = await Array.fromAsync(await membersNow(membersOf(facts), desk, io), async (member) => {
        const { id, address, namesrvAddr } = member;
        const now = (await settingsAt(member, desk, io)).get(setting) || namesrvAddr;
        // Others may have changed it while an earlier step waited for an operator.
        const wanted = newList(now, facts) || newList(namesrvAddr, facts);
        if (now !== wanted) await desk.set(address, { [setting]: wanted }, io);
        return `${id}: ${now} → ${wanted}`;
      });
      return { ...done(evidence), learnt: { toldAt: clock.now().toISOString() } };
    },
    undo: {
      description: `restore ${setting} on all brokers (${facts.brokers.length})`,
      zh: `在全部 Broker 上恢复 ${setting}（${facts.brokers.length} 个）`,
      run: (io) =>
        restoreMembers(
          membersOf(facts),
          tools,
          {
            before: ({ namesrvAddr }) => `${setting}=${namesrvAddr}`,
            after: ({ namesrvAddr }) => `${setting}=${newList(namesrvAddr, facts)}`,
            restore: (member, settings) => restore(member, settings.get(setting), io),
          },
          io,
        ),
    },
  };

  async function restore({ id, address, namesrvAddr }: UpdatedBroker, now: string | undefined, io: Io): Promise<Text> {
    // While one name server replaces another, brokers list both for a time.
    const own = [newList(namesrvAddr, facts), newList(namesrvAddr, { add: facts.add })];
    if (now !== namesrvAddr && (now === undefined || !own.includes(now))) {
      const wanted = now === undefined ? '' : formerList(now, namesrvAddr, facts);
      if (wanted === '' || wanted === now) {
        return {
          en: `${id}: others changed ${setting} to ${now ?? 'no value'}, and it is kept`,
          zh: `${id}：${setting} 已被他人改为 ${now ?? '空'}，予以保留`,
        };
      }
      await desk.set(address, { [setting]: wanted }, io);
      return { en: `${id}: ${wanted}, as others changed it`, zh: `${id}：${wanted}（保留他人的修改）` };
    }
    if (now !== namesrvAddr) await desk.set(address, { [setting]: namesrvAddr }, io);
    return { en: `${id}: ${namesrvAddr} again`, zh: `${id}：已恢复为 ${namesrvAddr}` };
  }
}

type UpdatedBroker = NameServersFacts['brokers'][number];
const membersOf = ({ brokers }: NameServersFacts) =>
  brokers.map((broker) => ({ ...broker, ...namedMember(broker.id) }));

export function awaitRegistered(facts: NameServersFacts, tools: Tools): Step<NameServersFacts> {
  const { add, others } = facts;
  const servers = [...new Set([...others, ...(add === undefined ? [] : [add])])];
  return {
    id: 'see-registered',
    description: `check that every broker and route is on ${servers.join(', ')}`,
    zh: `确认 ${servers.join('、')} 上有全部 Broker 和路由`,
    pause: seconds(2),
    undo: changesNothing,
    async run(io) {
      const holds = await absences(facts, servers, tools, io);
      if (holds.length > 0) return { kind: 'held', holds };
      const clients = servers.join(';');
      return done([
        {
          en: `every name server (${servers.length}) lists all brokers (${facts.brokers.length}) and topics (${facts.topics.length})`,
          zh: `全部 ${servers.length} 个 NameServer 都已列出全部 Broker（${facts.brokers.length} 个）和 Topic（${facts.topics.length} 个）`,
        },
        {
          en: `clients, and clusters.${tools.desk.cluster}.namesrv in this config, can now use ${clients}`,
          zh: `客户端以及本配置的 clusters.${tools.desk.cluster}.namesrv 现在可以使用 ${clients}`,
        },
      ]);
    },
  };
}

async function absences(
  facts: NameServersFacts,
  servers: readonly string[],
  { desk, clock }: Tools,
  io: Io,
): Promise<Blocker[]> {
  const { topics, toldAt, longestSeconds } = facts;
  const members = membersOf(facts);
  const end = toldAt === undefined ? undefined : new Date(Date.parse(toldAt) + longestSeconds * 1000);
  const isLate = end !== undefined && clock.now() > end;
  const holds = (await desk.listings(io, servers)).flatMap(({ server, brokers: listed, reason }): Blocker[] => {
    if (listed === undefined) return [silentServer(server, reason)];
    const isListed = (member: Member) => addressesOf(member, members, [{ server, brokers: listed }]).length > 0;
    const missing = members.filter((member) => !isListed(member)).map(({ id }) => id);
    if (missing.length === 0) return [];
    const what = `name server ${server} does not list ${named(missing)}: do not configure it in clients`;
    const zh = `NameServer ${server} 未列出 ${named(missing, 5, 'zh')}：请不要配置到客户端`;
    if (!isLate) return [{ what, zh, ...(end && { until: end }) }];
    return [
      {
        what: `${what}; restart these brokers one at a time: their files have the new list`,
        zh: `${zh}；请逐个重启这些 Broker：其配置文件中已是新列表`,
      },
    ];
  });
  if (holds.length > 0) return holds;
  const routes = await readRoutes(desk, topics, io, servers);
  const byTopic = Map.groupBy(routes, ({ topic }) => topic);
  const differing = [...byTopic].filter(([, seen]) => new Set(seen.map(({ route }) => routeText(route))).size > 1);
  if (differing.length === 0) return [];
  const what = `the name servers have different routes for ${named(differing.map(([topic]) => topic))}: do not configure the new one in clients yet`;
  const names = differing.map(([topic]) => topic);
  return [
    { what, zh: `各 NameServer 上以下 Topic 的路由不一致：${named(names, 5, 'zh')}。请暂不把新节点配置到客户端` },
  ];
}

type SeenRoute = Awaited<ReturnType<typeof readRoutes>>[number]['route'];

/** Sorted, because name servers list brokers in any order. */
function routeText(route: SeenRoute): string {
  const queues = (route?.queues ?? []).map((each) => JSON.stringify(each)).sort();
  const addresses = (route?.brokers ?? []).map(({ brokerName, addresses: of }) =>
    JSON.stringify([brokerName, [...of].sort(([one], [other]) => one - other)]),
  );
  return JSON.stringify([queues, addresses.sort()]);
}
