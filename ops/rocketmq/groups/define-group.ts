// Creates or alters a RocketMQ subscription group on each broker; the rollback restores the former definition, or
// deletes an unused new group.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import type { Text } from '../../../core/text/bilingual.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { RocketmqChangeKind, RocketmqTools } from '../administration.ts';
import { masterOf } from '../broker-group.ts';
import { atServer, changeEach, restoreEach } from '../change-each.ts';
import { goneMasters } from '../members.ts';
import { setAt, untilCopied } from '../until-copied.ts';
import { changedByOthers, done } from '../../change/step.ts';

export const GroupFacts = z.strictObject({
  group: z.string(),
  set: z.record(z.string(), z.union([z.number(), z.boolean()])),
  brokers: z.array(
    z.strictObject({
      brokerName: z.string(),
      address: z.string(),
      before: z.string().optional().describe("the broker's own definition, JSON; absent: it does not have the group"),
      after: z.string(),
    }),
  ),
  setAt,
});
export type GroupFacts = z.infer<typeof GroupFacts>;
type GroupBroker = GroupFacts['brokers'][number];

export const defineGroup: RocketmqChangeKind<GroupFacts> = {
  name: 'define-group',
  facts: GroupFacts,

  steps: (facts, { admin, clock, gone }) =>
    isUnchanged(facts)
      ? []
      : [
          untilCopied(
            {
              id: 'define-group',
              description: facts.brokers
                .map((broker) => `${broker.brokerName}: ${changeText(facts, broker)}`)
                .join('; '),
              zh: `修改消费组 ${facts.group} 的定义：${facts.brokers.map((broker) => `${broker.brokerName}：${changeText(facts, broker, ['创建', ''])}`).join('；')}`,
              pause: seconds(1),
              async run(io) {
                return done(await changeEach(facts.brokers, (broker) => defineOn(admin, facts, broker, io)));
              },
              undo: {
                description: 'restore the former definitions; delete a new group without members',
                zh: '恢复原来的定义；删除没有成员的新消费组',
                run: (io) =>
                  restoreEach(
                    facts.brokers,
                    (broker) => undefine(admin, facts, broker, io),
                    goneMasters(
                      { desk: admin, gone },
                      ({ before }) =>
                        before === undefined
                          ? { en: `no group ${facts.group}`, zh: `没有消费组 ${facts.group}` }
                          : { en: `group ${before}`, zh: `消费组 ${before}` },
                      io,
                    ),
                  ),
              },
            },
            facts,
            { desk: admin, clock },
            {
              what: { en: `group ${facts.group}`, zh: `消费组 ${facts.group}` },
              async at(address, io) {
                const found = await groupAt(admin, address, facts.group, io);
                const fields = found && fieldsOf(found);
                return (
                  fields &&
                  Object.keys(facts.set)
                    .map((key) => `${key}=${String(fields[key])}`)
                    .join(', ')
                );
              },
            },
          ),
        ],
};

export async function groupAt(
  admin: Pick<RocketmqTools['admin'], 'groups'>,
  address: string,
  group: string,
  io: Io,
): Promise<string | undefined> {
  return (await admin.groups(address, io)).find(({ name }) => name === group)?.definition;
}

/** Fields of a JSON object, by key. */
export const fieldsOf = (definition: string): Record<string, unknown> =>
  JSON.parse(definition) as Record<string, unknown>;

export const isUnchanged = ({ set, brokers }: GroupFacts) =>
  brokers.every(({ before, after }) => isSameIn(Object.keys(set), before, after));

const isSameIn = (keys: readonly string[], one: string | undefined, other: string | undefined) => {
  if (one === undefined || other === undefined) return one === other;
  const [a, b] = [fieldsOf(one), fieldsOf(other)];
  return keys.every((key) => a[key] === b[key]);
};

async function defineOn(admin: RocketmqTools['admin'], facts: GroupFacts, broker: GroupBroker, io: Io): Promise<Text> {
  const { group, set } = facts;
  const { brokerName, address: known, before, after } = broker;
  const keys = Object.keys(set);
  const done = atServer(brokerName, changeText(facts, broker), changeText(facts, broker, ['创建', '']));
  const address = await masterOf(admin, brokerName, io, known);
  const now = await groupAt(admin, address, group, io);
  if (now !== undefined && isSameIn(keys, now, after)) return done;
  if (!isSameIn(keys, now, before)) throw changedByOthers(`${brokerName} has another definition of group ${group} now`);
  await admin.defineGroup(address, { name: group, definition: after }, now, io);
  const then = await groupAt(admin, address, group, io);
  if (!isSameIn(keys, then, after)) {
    // The broker stored something else. A rollback would mistake it for a definition of others and keep it, so it is undone here.
    if (then !== undefined) await undefine(admin, facts, { ...broker, after: then }, io);
    throw new AppError('broker-refused', `${brokerName} took the definition of group ${group} and has another one`);
  }
  return done;
}

async function undefine(admin: RocketmqTools['admin'], facts: GroupFacts, broker: GroupBroker, io: Io): Promise<Text> {
  const { group, set } = facts;
  const { brokerName, address: known, before, after } = broker;
  const keys = Object.keys(set);
  const address = await masterOf(admin, brokerName, io, known);
  const now = await groupAt(admin, address, group, io);
  if (now === undefined) return atServer(brokerName, `has no group ${group}`, `没有消费组 ${group}`);
  if (before !== undefined && isSameIn(keys, now, before)) return atServer(brokerName, 'as before', '与原来一致');
  if (!isSameIn(keys, now, after)) {
    return atServer(
      brokerName,
      `others changed group ${group}, and it stays as it is`,
      `消费组 ${group} 已被他人修改，予以保留`,
    );
  }
  if (before !== undefined) {
    // Keeps changes of others in other fields.
    const former = Object.fromEntries(keys.map((key) => [key, fieldsOf(before)[key]]));
    const definition = JSON.stringify({ ...fieldsOf(now), ...former });
    await admin.defineGroup(address, { name: group, definition }, now, io);
    return atServer(brokerName, 'as before', '与原来一致');
  }
  const commits = (await admin.commits(address, io)).some((each) => each.group === group);
  const isOnline = (await admin.connections(address, group, io)).kind === 'online';
  if (commits || isOnline)
    return atServer(brokerName, `group ${group} is in use and stays`, `消费组 ${group} 正在使用，予以保留`);
  await admin.deleteGroup(address, group, io);
  return atServer(brokerName, `deleted group ${group}`, `已删除消费组 ${group}`);
}

function changeText(
  { group, set }: GroupFacts,
  { before, after }: GroupBroker,
  [create, alter] = [`create group ${group}`, `group ${group}: `],
): string {
  const [was, will] = [before === undefined ? {} : fieldsOf(before), fieldsOf(after)];
  const keys = Object.keys(set);
  if (before === undefined) {
    return `${create}${keys.map((key) => `, ${key}=${String(will[key])}`).join('')}`;
  }
  return `${alter}${keys.map((key) => `${key}: ${String(was[key])} → ${String(will[key])}`).join(', ')}`;
}
