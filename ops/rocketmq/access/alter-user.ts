// Creates, changes or deletes a user of ACL 2.0 on every RocketMQ broker.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { userTypes, type BrokerUser, type UserChange } from '../../../brokers/rocketmq/protocol/access-requests.ts';
import { AppError } from '../../../core/errors.ts';
import type { FindingLanguage } from '../../../core/documents/findings/finding-entry.ts';
import { inLanguage, type Text } from '../../../core/text/bilingual.ts';
import { findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { listMembers, type RocketmqChangeKind, type RocketmqTools } from '../administration.ts';
import { atServer } from '../change-each.ts';
import { asMembers, membersNow, otherMembers, restoreMembers, settingsAt } from '../members.ts';
import { noAcl } from './alter-acl.ts';
import { done } from '../../change/step.ts';

const State = z.strictObject({ type: z.enum(userTypes), isEnabled: z.boolean() });
type State = z.infer<typeof State>;

export const RocketmqUserFacts = z.strictObject({
  user: z.string(),
  after: State.nullable().describe('null: the user is deleted'),
  isPasswordSet: z.boolean(),
  brokers: z.array(
    z.strictObject({ brokerName: z.string(), address: z.string(), others: otherMembers, before: State.nullable() }),
  ),
});
export type RocketmqUserFacts = z.infer<typeof RocketmqUserFacts>;
type UserBroker = RocketmqUserFacts['brokers'][number];

export interface RocketmqUserSpec extends Omit<UserChange, 'password'> {
  user: string;
  isPasswordSet: boolean;
  isRemoved: boolean;
}

/** @throws AppError usage for a new user without a password, not-found if the user to delete does not exist; unsupported-broker */
export async function planRocketmqUser(
  tools: RocketmqTools,
  { user, type, isEnabled, isPasswordSet, isRemoved }: RocketmqUserSpec,
  io: Io,
): Promise<PlannedChange<RocketmqUserFacts>> {
  const { brokers: all, findings } = await listMembers(tools, [], io);
  const brokers = await Array.fromAsync(all, async ({ name, address, others }): Promise<UserBroker> => {
    return { brokerName: name, address, others, before: await stateAt(tools.admin, { user, address, name }, io) };
  });
  const first = brokers.find(({ before }) => before !== null)?.before;
  const isNewSomewhere = brokers.some(({ before }) => before === null);
  if (isRemoved && first === undefined) throw new AppError('not-found', `no broker has a user ${user}`);
  if (!isRemoved && isNewSomewhere && !isPasswordSet) {
    throw new AppError('usage', `user ${user} is new on some brokers and needs a password: give --password-file FILE`);
  }
  const after = isRemoved
    ? null
    : { type: type ?? first?.type ?? 'normal', isEnabled: isEnabled ?? first?.isEnabled ?? true };
  const changed = isPasswordSet ? brokers : brokers.filter(({ before }) => !isSame(before, after));
  const isRefused = isRemoved || isEnabled === false;
  const isReplaced = isPasswordSet && first !== undefined;
  return {
    facts: { user, after, isPasswordSet, brokers: changed },
    findings: [
      ...findings,
      ...findingIf(changed.length === 0, 'info', 'nothing-to-do', {
        en: `user ${user} is ${stateText(after)} already`,
        zh: `用户 ${user} 已处于目标状态`,
      }),
      ...findingIf(changed.length > 0 && user === tools.account, 'critical', 'own-account', {
        en: `Plimsoll logs in as ${user} and could be refused before every broker is changed; make this change as another super user`,
        zh: `Plimsoll 以 ${user} 登录，可能在所有 Broker 变更完成前就被拒绝；请使用另一个超级用户进行此变更`,
      }),
      // Passwords are not read from brokers, so it may be the same.
      ...findingIf(isRefused || isReplaced, 'warning', 'clients-refused', {
        en: `clients that log in as ${user}${isRefused ? '' : ' with another password'} are refused from then on`,
        zh: `此后${isRefused ? '' : '使用其他密码'}以 ${user} 登录的客户端会被拒绝`,
      }),
    ],
  };
}

/** @param password read when the step runs: no journal contains it */
export const alterRocketmqUser = (password: () => string): RocketmqChangeKind<RocketmqUserFacts> => ({
  name: 'user',
  facts: RocketmqUserFacts,

  steps: ({ user, after, isPasswordSet, brokers }, { admin, gone }) => {
    if (brokers.length === 0) return [];
    const members = asMembers(brokers);

    const userText = (state: State | null) => ({
      en: `user ${user}: ${stateText(state)}`,
      zh: `用户 ${user}：${stateText(state, 'zh')}`,
    });

    async function bring(
      { name, address }: { name: string; address: string },
      wanted: State | null,
      io: Io,
    ): Promise<Text> {
      const now = await stateAt(admin, { user, address, name }, io);
      if (wanted === null) {
        if (now !== null) await admin.deleteUser(address, user, io);
      } else {
        const change = { ...wanted, ...(isPasswordSet && { password: password() }) };
        await (now === null
          ? admin.createUser(address, user, change, io)
          : admin.updateUser(address, user, change, io));
        // A broker creates users enabled, whatever the request.
        if (now === null && !wanted.isEnabled) await admin.updateUser(address, user, { isEnabled: false }, io);
      }
      const then = await stateAt(admin, { user, address, name }, io);
      if (isSame(then, wanted)) return stateOf(name, wanted);
      // The broker stored something else. A rollback would mistake it for a user of others and keep it, so it is deleted here.
      if (now === null && wanted !== null && then !== null) await admin.deleteUser(address, user, io);
      throw new AppError(
        'broker-refused',
        `${name} took the change of user ${user}, and the user is ${stateText(then)}`,
      );
    }

    const isRestorable = brokers.every(({ before }) => before === null) || (!isPasswordSet && after !== null);
    return [
      {
        id: 'user',
        description: `user ${user}: ${brokers.map(({ brokerName, before }) => `${brokerName}: ${stateText(before)} → ${stateText(after)}`).join('; ')}${isPasswordSet ? '; with a new password' : ''}`,
        zh: `用户 ${user}：${brokers.map(({ brokerName, before }) => `${brokerName}：${stateText(before, 'zh')} → ${stateText(after, 'zh')}`).join('；')}${isPasswordSet ? '；设置新密码' : ''}`,
        async run(io) {
          return done(
            await Array.fromAsync(await membersNow(members, admin, io), async (member) => {
              await settingsAt(member, admin, io);
              return await bring(member, after, io);
            }),
          );
        },
        undo: isRestorable
          ? {
              description: 'restore the former user on each broker',
              zh: '在各 Broker 上恢复原用户',
              run: (io) =>
                restoreMembers(
                  members,
                  { desk: admin, gone },
                  {
                    before: (member) => userText(member.before),
                    after: () => userText(after),
                    async restore(member) {
                      const { name, address, before } = member;
                      const now = await stateAt(admin, { user, address, name }, io);
                      if (isSame(now, before)) return stateOf(name, before);
                      // A broker creates users enabled: the change may have stopped before disabling this one.
                      const created = before === null && after !== null ? { ...after, isEnabled: true } : after;
                      if (isSame(now, after) || isSame(now, created)) return await bring(member, before, io);
                      const en = `others changed the user to ${stateText(now)}, and it is kept`;
                      return atServer(name, en, `用户已被他人改为 ${stateText(now, 'zh')}，予以保留`);
                    },
                  },
                  io,
                ),
            }
          : { none: 'a former password is not kept: set it again', zh: '不保留原密码：请重新设置' },
      },
    ];
  },
});

async function stateAt(
  admin: RocketmqTools['admin'],
  { user, address, name }: { user: string; address: string; name: string },
  io: Io,
): Promise<State | null> {
  const users = await admin.users(address, io).catch(async (cause: unknown) => {
    // Without access control, only the request for rules reports the reason.
    if (cause instanceof AppError && cause.code === 'broker-refused') await admin.acls(address, io);
    throw cause;
  });
  if (users === undefined) throw noAcl(name);
  const found: BrokerUser | undefined = users.find((each) => each.name === user);
  return found === undefined ? null : { type: found.type, isEnabled: found.isEnabled };
}

const isSame = (one: State | null, other: State | null): boolean =>
  one === null || other === null ? one === other : one.type === other.type && one.isEnabled === other.isEnabled;

const stateOf = (broker: string, state: State | null) => atServer(broker, stateText(state), stateText(state, 'zh'));

const stateText = (state: State | null, language: FindingLanguage = 'en'): string =>
  state === null
    ? inLanguage(['absent', '不存在'], language)
    : `${state.type}, ${inLanguage(state.isEnabled ? ['enabled', '启用'] : ['disabled', '禁用'], language)}`;
