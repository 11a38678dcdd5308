// Alters dynamic settings of a Kafka topic or broker; the rollback restores the former values.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { configuredText } from '../../../brokers/kafka/changes/settings.ts';
import { AppError } from '../../../core/errors.ts';
import type { Text } from '../../../core/text/bilingual.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { seconds } from '../../../core/clock.ts';
import { isAlike, isTopicGone, ownValue, readBack, untilTopicIsKnown } from '../../change/borrowed-settings.ts';
import type { KafkaChangeKind, KafkaTools } from '../administration.ts';
import { changedByOthers, done, keptText, refused } from '../../change/step.ts';

export const SettingsFacts = z.strictObject({
  of: z.strictObject({ kind: z.enum(['topic', 'broker']), name: z.string().describe('empty: all brokers') }),
  id: z.string().optional().describe('of the topic; absent for brokers and where the cluster has no topic ids'),
  changes: z.array(
    z.strictObject({
      key: z.string(),
      before: z.string().nullable().describe('null: no value was set, and the default applied'),
      after: z.string().nullable().describe('null: the default applies again'),
      defaultValue: z.string().optional().describe('default without a value, if known'),
    }),
  ),
});
export type SettingsFacts = z.infer<typeof SettingsFacts>;
type SettingChange = SettingsFacts['changes'][number];

export const alterSettings: KafkaChangeKind<SettingsFacts> = {
  name: 'settings',
  facts: SettingsFacts,

  steps: (facts, tools) => {
    const { of, changes } = facts;
    const { admin, clock } = tools;
    const what = configuredText(of);
    if (changes.length === 0) return [];
    const lost = changes.some(mayDelete) ? '; messages deleted until then cannot be restored' : '';
    return [
      {
        id: 'alter-settings',
        description: `set on ${what}: ${changes.map(textWith('default')).join('; ')}`,
        zh: `设置 ${what}：${changes.map(textWith('默认值')).join('；')}`,
        async run(io) {
          if (await isCreatedAgain(facts, admin, io)) {
            throw refused(`topic ${of.name} was created again since the plan: nothing is changed`);
          }
          const now = await ownValues(admin, of, changes, io);
          const strange = changes.find((change) => isForeign(change, now.get(change.key) ?? null));
          if (strange !== undefined) {
            throw changedByOthers(`${strange.key} of ${what} is ${now.get(strange.key) ?? 'the default'} now`);
          }
          await admin.alterSettings(of, values(changes, 'after'), io);
          await requireSet({ admin, clock }, of, record(changes, 'after'), io);
          return done(changes.map((each) => ({ en: textWith('default')(each), zh: textWith('默认值')(each) })));
        },
        undo: {
          description: `set on ${what} again: ${changes.map(({ key, before }) => `${key}=${before ?? 'the default'}`).join(', ')}${lost}`,
          zh: `恢复 ${what}：${changes.map(({ key, before }) => `${key}=${before ?? '默认值'}`).join('、')}${lost && '；此前已被删除的消息无法恢复'}`,
          run: (io) => restoreUnlessGone(facts, tools, io),
        },
      },
    ];
  },
};

/** Retention of a topic, or its default in brokers. */
const mayDelete = ({ key }: SettingChange): boolean =>
  /^(log\.)?(retention\.(ms|bytes|minutes|hours)|cleanup\.policy)$/.test(key);

/** A restarting broker is briefly absent from the cluster. */
const patience = seconds(60);
const pause = seconds(2);

/** A deleted topic has no settings to restore; for a broker that left, waits for its return. */
async function restoreUnlessGone(facts: SettingsFacts, tools: KafkaTools, io: Io): Promise<Text[]> {
  const { of, changes } = facts;
  const deadline = tools.clock.monotonic() + patience;
  for (;;) {
    try {
      return await untilTopicIsKnown(tools.clock, io.signal, () => restore(facts, tools, io));
    } catch (cause) {
      io.signal.throwIfAborted();
      if (isTopicGone(cause)) return [{ en: `topic ${of.name} no longer exists`, zh: `Topic ${of.name} 已不存在` }];
      if (!(cause instanceof AppError) || cause.code !== 'not-found') throw cause;
      if (tools.clock.monotonic() >= deadline) {
        const former = changes.map(({ key, before }) =>
          before === null ? ` --reset ${key}` : ` --set ${quotedWord(`${key}=${before}`)}`,
        );
        const accept = changes.some(mayDelete) ? ' --accept-readers' : '';
        const command = `plimsoll ops kafka alter-config${tools.clusterArgs} --broker ${of.name}${former.join('')}${accept} --execute`;
        const en = `broker ${of.name} left the cluster; if it returns, restore its settings: ${command}`;
        return [{ en, zh: `Broker ${of.name} 已离开集群；若重新加入，请恢复其配置：${command}` }];
      }
      await tools.clock.sleep(pause, io);
    }
  }
}

/** If true, the findings of the plan about messages and readers do not apply to the new topic. */
async function isCreatedAgain({ of, id }: SettingsFacts, admin: KafkaTools['admin'], io: Io): Promise<boolean> {
  if (id === undefined) return false;
  const now = (await admin.describe(io)).topics.find(({ name }) => name === of.name);
  return now?.id !== undefined && now.id !== id;
}

async function restore(facts: SettingsFacts, { admin, clock }: Pick<KafkaTools, 'admin' | 'clock'>, io: Io) {
  const { of, changes } = facts;
  const again = {
    en: `topic ${of.name} was created again, and keeps its settings`,
    zh: `Topic ${of.name} 已重新创建，保留其现有配置`,
  };
  if (await isCreatedAgain(facts, admin, io)) return [again];
  const now = await ownValues(admin, of, changes, io);
  const mine = changes.filter(({ key, after }) => isAlike(now.get(key) ?? null, after));
  const foreign = changes.filter((change) => isForeign(change, now.get(change.key) ?? null));
  if (mine.length > 0) {
    await admin.alterSettings(of, values(mine, 'before'), io);
    await requireSet({ admin, clock }, of, record(mine, 'before'), io);
  }
  return foreign.map(({ key }) => keptText(key, now.get(key) ?? { en: 'the default', zh: '默认值' }));
}

/** True if others changed the value; isAlike allows for Kafka's number formats, such as `1.0E7`. */
const isForeign = ({ before, after }: SettingChange, now: string | null): boolean =>
  !isAlike(now, before) && !isAlike(now, after);

/** Formats such as `retention.ms: 604800000 (default) → 86400000`. */
const textWith =
  (name: string) =>
  ({ key, before, after, defaultValue }: SettingChange): string => {
    const fallback = defaultValue === undefined ? name : `${defaultValue} (${name})`;
    return `${key}: ${before ?? fallback} → ${after ?? fallback}`;
  };

type Side = 'before' | 'after';
const record = (changes: readonly SettingChange[], side: Side) =>
  Object.fromEntries(changes.map((change) => [change.key, change[side]]));
const values = (changes: readonly SettingChange[], side: Side) =>
  Object.fromEntries(changes.map((change) => [change.key, change[side] ?? undefined]));

async function ownValues(
  admin: KafkaTools['admin'],
  of: SettingsFacts['of'],
  changes: readonly SettingChange[],
  io: Io,
): Promise<Map<string, string | null>> {
  const keys = changes.map(({ key }) => key);
  const now = await admin.settingsOf(of, keys, io);
  return new Map(keys.map((key) => [key, ownValue(now.get(key))]));
}

/** @throws AppError broker-refused if another value is active afterwards */
async function requireSet(
  { admin, clock }: Pick<KafkaTools, 'admin' | 'clock'>,
  of: SettingsFacts['of'],
  wanted: Record<string, string | null>,
  { signal }: Io,
): Promise<void> {
  const { unlike } = await readBack({ changes: admin, clock }, of, wanted, signal);
  if (unlike !== undefined) throw new AppError('broker-refused', `the change was accepted, but ${unlike}`);
}
