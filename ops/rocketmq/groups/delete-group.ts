// Deletes a RocketMQ subscription group with its offsets, its retry topic and its dead-letter topic, while no member is connected.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { popRetryTopicsOf } from '../../../brokers/rocketmq/pop-retry-topics.ts';
import { isLiteTopic, parentOfLite } from '../../../brokers/rocketmq/protocol/lite-requests.ts';
import { AppError } from '../../../core/errors.ts';
import { countText } from '../../../core/text/quantity-text.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { seconds } from '../../../core/clock.ts';
import { finding, findingIf, oneFinding, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import { listMasters, type RocketmqChangeKind, type RocketmqTools } from '../administration.ts';
import { isClientGroup, masterOf, queuesOfTopics } from '../broker-group.ts';
import { movedSince, readCommits } from '../moving-commits.ts';
import { setAt, untilCopied } from '../until-copied.ts';
import { done, refused } from '../../change/step.ts';

export const DeleteGroupFacts = z.strictObject({
  group: z.string(),
  brokers: z.array(z.strictObject({ brokerName: z.string(), address: z.string() })),
  popRetryTopics: z.array(z.string()).optional().describe('retry topics of its POP consumers'),
  setAt,
});
export type DeleteGroupFacts = z.infer<typeof DeleteGroupFacts>;

const topicsOf = ({ group, popRetryTopics = [] }: Pick<DeleteGroupFacts, 'group' | 'popRetryTopics'>) => [
  `%RETRY%${group}`,
  `%DLQ%${group}`,
  ...popRetryTopics,
];

/** Watch time of commits: clients commit every 5 s. */
const watch = seconds(6);
const unseen = 'consumes without being connected to the brokers, as through a proxy';

/** @throws AppError not-found, usage, broker-unreachable */
export async function planDeleteGroup(
  { admin, clock, known }: RocketmqTools,
  group: string,
  io: Io,
): Promise<PlannedChange<DeleteGroupFacts>> {
  if (!isClientGroup(group))
    throw new AppError('usage', `${group} is an internal group of RocketMQ: it is not deleted`);
  const { masters, findings } = await listMasters({ admin, known }, [], io);
  const readings = await Promise.all(
    masters.map(async ({ brokerName, address }) => ({
      brokerName,
      address,
      commits: await admin.commits(address, io),
      groups: (await admin.groups(address, io)).map(({ name }) => name),
      topics: await admin.topics(address, io),
    })),
  );
  const popRetryTopics = popRetryTopicsOf((commit) => commit.group === group, {
    commits: readings.flatMap(({ commits }) => commits),
    groups: readings.flatMap(({ groups }) => groups),
    topics: readings.flatMap(({ topics }) => topics.map(({ name }) => name)),
  });
  const deleted = new Set(topicsOf({ group, popRetryTopics }));
  const brokers: DeleteGroupFacts['brokers'][number][] = [];
  const clients = new Set<string>();
  const committed = new Set<string>();
  const liteTopics = new Set<string>();
  let unread = 0n;
  let liteUnread = 0;
  for (const { brokerName, address, commits, groups, topics } of readings) {
    const own = commits.filter((each) => each.group === group);
    if (!groups.includes(group) && own.length === 0) continue;
    brokers.push({ brokerName, address });
    for (const { topic } of own) {
      if (isLiteTopic(topic)) liteTopics.add(parentOfLite(topic));
      else if (!topic.startsWith('%')) committed.add(topic);
    }
    for (const client of await clientsAt(admin, address, group, io)) clients.add(client);
    // For a group that is not defined there, the request would create it.
    if (groups.includes(group) && own.some(({ topic }) => isLiteTopic(topic))) {
      liteUnread += (await admin.liteLag(address, group, io))?.messages ?? 0;
    }
    const queues = queuesOfTopics(topics.filter(({ name }) => deleted.has(name)));
    const [starts, ends] = [await admin.starts(address, queues, io), await admin.ends(address, queues, io)];
    unread += ends.reduce((sum, end, index) => sum + end - (starts[index] ?? 0n), 0n);
  }
  if (brokers.length === 0) {
    throw new AppError('not-found', `no broker has a group ${group}`, {
      hint: '`plimsoll get groups` lists the groups',
    });
  }
  const topics = [...committed, ...liteTopics].toSorted();
  const addresses = brokers.map(({ address }) => address);
  const isUnseen = clients.size === 0 && (await consumesUnseen({ admin, clock }, addresses, group, io));
  return {
    facts: { group, brokers, ...(popRetryTopics.length > 0 && { popRetryTopics }) },
    findings: [
      ...findings,
      ...(clients.size === 0
        ? []
        : oneFinding('critical', 'group-online', {
            en: `group ${group} has members: ${named([...clients])}; stop them first`,
            zh: `消费组 ${group} 仍有成员：${named([...clients], 5, 'zh')}；请先停止它们`,
          })),
      ...findingIf(isUnseen, 'critical', 'group-online', {
        en: `group ${group} ${unseen}; stop its members first`,
        zh: `消费组 ${group} 未连接 Broker 但仍在消费，例如经由 Proxy；请先停止其成员`,
      }),
      ...findingIf(liteUnread > 0, 'warning', 'lite-messages-unread', {
        en: `group ${group} has unread messages in ${named([...liteTopics])}: ${countText(liteUnread)}. Backups do not contain its offsets there: let its members read them first`,
        zh: `消费组 ${group} 在 ${named([...liteTopics], 5, 'zh')} 有未消费消息 ${countText(liteUnread)} 条。备份不含这些位点，请先让其成员消费完`,
      }),
      finding('info', 'what-is-lost', {
        en: `lost: the offsets of ${group} in ${topics.length === 0 ? 'no topic' : named(topics)}, and the messages in its retry and dead-letter topics (${countText(Number(unread))})`,
        zh: `丢失：${group} 在 ${topics.length === 0 ? '0 个 Topic' : named(topics, 5, 'zh')} 的位点，以及其重试和死信 Topic 中的消息（${countText(Number(unread))} 条）`,
      }),
      ...findingIf(committed.size > 0, 'info', 'backup', {
        en: `\`plimsoll ops offsets backup --group ${quotedWord(group)}\` saves the offsets; a group that is created again can be restored from it`,
        zh: `\`plimsoll ops offsets backup --group ${quotedWord(group)}\` 可备份位点；重新创建的消费组可由此恢复`,
      }),
    ],
  };
}

export const deleteGroup: RocketmqChangeKind<DeleteGroupFacts> = {
  name: 'delete-group',
  facts: DeleteGroupFacts,

  steps: (facts, { admin, clock }) => {
    const { group, brokers } = facts;
    const topics = topicsOf(facts);
    // A repetition waits for followers, after the deletion on the masters.
    const state = () =>
      facts.setAt === undefined ? 'is not deleted' : 'was deleted on the masters and is in use again';
    return [
      untilCopied(
        {
          id: 'delete-group',
          description: `delete group ${group}, its offsets and its topics ${named(topics)}`,
          // Approvals of earlier versions signed this comma.
          zh: `删除消费组 ${group}、其位点以及 Topic ${named(topics, 5, 'zh').replaceAll('、', ', ')}`,
          pause: seconds(1),
          async run(io) {
            const addresses: string[] = [];
            for (const { brokerName, address: known } of brokers) {
              const address = await masterOf(admin, brokerName, io, known);
              const clients = await clientsAt(admin, address, group, io);
              if (clients.length > 0) {
                throw refused(`group ${group} ${state()}: ${named(clients)} joined it`, 'stop its members first');
              }
              addresses.push(address);
            }
            if (await consumesUnseen({ admin, clock }, addresses, group, io)) {
              throw refused(`group ${group} ${state()}: it ${unseen}`, 'stop its members first');
            }
            for (const address of addresses) {
              await admin.deleteGroup(address, group, io);
              for (const topic of topics) await admin.deleteTopic(address, topic, io);
            }
            for (const server of admin.namesrv) {
              for (const topic of topics) await admin.forgetTopic(server, topic, io);
            }
            return done();
          },
          undo: {
            none: 'messages in the retry and dead-letter topics are lost; offsets can be restored from a backup',
            zh: '重试和死信 Topic 中的消息会丢失；位点可从备份恢复',
          },
        },
        facts,
        { desk: admin, clock },
        {
          what: `the deletion of group ${group}`,
          async at(address, io) {
            const left = [...(await admin.groups(address, io)), ...(await admin.topics(address, io))]
              .map(({ name }) => name)
              .filter((name) => name === group || topics.includes(name));
            return left.length === 0 ? undefined : named(left);
          },
        },
      ),
    ];
  },
};

async function clientsAt(admin: RocketmqTools['admin'], address: string, group: string, io: Io): Promise<string[]> {
  const clients = await admin.connections(address, group, io);
  return clients.kind === 'online' ? clients.clients.map(({ clientId }) => clientId) : [];
}

async function consumesUnseen(
  { admin, clock }: Pick<RocketmqTools, 'admin' | 'clock'>,
  addresses: readonly string[],
  group: string,
  io: Io,
): Promise<boolean> {
  const before = await readCommits(admin, addresses, io);
  if (!before.values().some((each) => each.group === group)) return false;
  await clock.sleep(watch, io);
  return movedSince(before, await readCommits(admin, addresses, io)).some((each) => each.group === group);
}
