// Changes settings of running RocketMQ brokers; the rollback sets the former values again.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { retentionSettings } from '../../../brokers/rocketmq/retention.ts';
import { shownValue } from '../../../core/secret-settings.ts';
import { seconds } from '../../../core/clock.ts';
import type { Text } from '../../../core/text/bilingual.ts';
import { isAlike } from '../../change/borrowed-settings.ts';
import type { RocketmqChangeKind, RocketmqTools } from '../administration.ts';
import { changeEach } from '../change-each.ts';
import { membersNow, namedMember, otherMembers, restoreMembers, settingsAt, type Member } from '../members.ts';
import { changedByOthers, done } from '../../change/step.ts';

const Values = z.record(z.string(), z.string());

export const BrokerSettingsFacts = z.strictObject({
  brokers: z.array(
    z.strictObject({
      name: z.string().describe('such as broker-a:0'),
      address: z.string(),
      others: otherMembers,
      before: Values,
      after: Values,
    }),
  ),
});
export type BrokerSettingsFacts = z.infer<typeof BrokerSettingsFacts>;
export type ChangedBroker = BrokerSettingsFacts['brokers'][number];

export const brokerSettings: RocketmqChangeKind<BrokerSettingsFacts> = {
  name: 'broker-settings',
  facts: BrokerSettingsFacts,

  steps({ brokers }, { admin, gone }) {
    if (brokers.length === 0) return [];
    return [
      {
        id: 'set-broker-settings',
        description: brokers.map((broker) => `${broker.name}: ${changeText(broker)}`).join('; '),
        zh: `修改配置：${brokers.map((broker) => `${broker.name}：${changeText(broker, '未设置')}`).join('；')}`,
        pause: seconds(1),
        async run(io) {
          const members = await membersNow(brokers.map(memberOf), admin, io);
          return done(await changeEach(members, (member) => setOn(admin, member, io)));
        },
        undo: {
          description: `restore the former values${brokers.some(isShortened) ? '; messages deleted until then are not restored' : ''}`,
          zh: `恢复原值${brokers.some(isShortened) ? '；此前已被删除的消息无法恢复' : ''}`,
          run: (io) =>
            restoreMembers(
              brokers.map(memberOf),
              { desk: admin, gone },
              {
                before: (member) => valuesText(member.before),
                after: (member) => valuesText(member.after),
                restore: (member, now) => restore(admin, member, now, io),
              },
              io,
            ),
        },
      },
    ];
  },
};

const isShortened = ({ before, after }: ChangedBroker): boolean =>
  retentionSettings.some((key) => Number(after[key]) < Number(before[key]));

const memberOf = (broker: ChangedBroker): ChangedMember => ({ ...broker, ...namedMember(broker.name) });
type ChangedMember = ChangedBroker & Member;

async function setOn(admin: RocketmqTools['admin'], member: ChangedMember, io: Io): Promise<Text> {
  const { name, address, before, after } = member;
  const now = await settingsAt(member, admin, io);
  for (const [key, value] of Object.entries(after)) {
    const current = now.get(key);
    if (isAlike(current, value) || current === before[key]) continue;
    throw changedByOthers(`${key} of ${name} is ${shown(key, current)} now`);
  }
  await admin.set(address, after, io);
  return { en: `${name}: ${changeText(member)}`, zh: `${name}：${changeText(member, '未设置')}` };
}

async function restore(
  admin: RocketmqTools['admin'],
  { name, address, before, after }: ChangedMember,
  now: ReadonlyMap<string, string>,
  io: Io,
) {
  const isMine = (key: string) => isAlike(now.get(key), after[key]);
  const mine = Object.entries(before).filter(([key]) => isMine(key));
  const foreign = Object.keys(before).filter((key) => !isMine(key) && now.get(key) !== before[key]);
  if (mine.length > 0) await admin.set(address, Object.fromEntries(mine), io);
  const left = foreign.map((key) => ({
    en: `; ${key} was changed by others to ${shown(key, now.get(key), 'nothing')}, and is kept`,
    zh: `；${key} 已被他人改为 ${shown(key, now.get(key), '空')}，予以保留`,
  }));
  const restored = mine.map(([key, value]) => `${key}=${shown(key, value)}`).join(', ');
  return {
    en: `${name}: ${restored || 'as before'}${left.map(({ en }) => en).join('')}`,
    zh: `${name}：${restored || '与原值一致'}${left.map(({ zh }) => zh).join('')}`,
  };
}

const valuesText = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${shown(key, value)}`)
    .join(', ');

const changeText = ({ before, after }: Pick<ChangedBroker, 'before' | 'after'>, absent?: string): string =>
  Object.entries(after)
    .map(([key, value]) => `${key}: ${shown(key, before[key], absent)} → ${shown(key, value)}`)
    .join(', ');

const shown = (key: string, value: string | undefined, absent = 'not set'): string =>
  value === undefined ? absent : shownValue(key, value);
