// Sets or removes quotas of a Kafka user or client; the rollback restores the former values.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { quotaEntityText, quotaKeys, type QuotaChanges } from '../../../brokers/kafka/changes/quotas.ts';
import type { ClientQuotas, QuotaEntity } from '../../../brokers/kafka/wire/describe-client-quotas.ts';
import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { KafkaChangeKind, KafkaTools } from '../administration.ts';
import { untilApplied } from '../../change/until-applied.ts';
import { changedByOthers, done, keptText } from '../../change/step.ts';

export const QuotaFacts = z.strictObject({
  of: z
    .strictObject({ user: z.string().nullable().optional(), clientId: z.string().nullable().optional() })
    .describe('null: the default applies'),
  changes: z.array(
    z.strictObject({ key: z.enum(quotaKeys), before: z.number().nullable(), after: z.number().nullable() }),
  ),
});
export type QuotaFacts = z.infer<typeof QuotaFacts>;
type QuotaChange = QuotaFacts['changes'][number];

/** @throws AppError usage if a quota to remove does not exist; broker-refused for a value that the controller refuses */
export async function planQuotas(
  { admin }: KafkaTools,
  of: QuotaEntity,
  changes: QuotaChanges,
  io: Io,
): Promise<PlannedChange<QuotaFacts>> {
  const all = await admin.quotas(io);
  const now = valuesOf(all, of);
  const wanted = quotaKeys.flatMap((key): QuotaChange[] =>
    key in changes ? [{ key, before: now.get(key) ?? null, after: changes[key] ?? null }] : [],
  );
  const same = wanted.filter(({ before, after }) => before === after);
  const changed = wanted.filter(({ before, after }) => before !== after);
  if (changed.length > 0) await admin.alterQuotas(of, sideOf(changed, 'after'), { validateOnly: true }, io);
  return {
    facts: { of: { ...of }, changes: changed },
    findings: [
      ...same.map(({ key, after }) =>
        finding('info', 'nothing-to-do', {
          en: `${key} of ${quotaEntityText(of)} is ${after ?? 'not set'} already`,
          zh: `${quotaEntityText(of)} 的 ${key} 已是 ${after ?? '未设置'}`,
        }),
      ),
      ...wanted.flatMap(({ key, after }) => (after === null ? [] : overridden(all, of, key))),
    ],
  };
}

/** Brokers prefer a quota for a user, or for all users, to one for a client id alone (ClientQuotaManager.DefaultQuotaCallback). */
function overridden(all: readonly ClientQuotas[], of: QuotaEntity, key: QuotaChange['key']): Finding[] {
  const { user, clientId } = of;
  if (user !== undefined) return [];
  const isPreferred = ({ entity, values }: ClientQuotas) =>
    entity.user !== undefined &&
    values.has(key) &&
    (clientId === null || [undefined, null, clientId].includes(entity.clientId));
  const users = all.filter(isPreferred).map(({ entity }) => `(${quotaEntityText(entity)})`);
  return findingIf(users.length > 0, 'warning', 'user-quota-first', {
    en: `${key} of ${quotaEntityText(of)} has no effect on clients to which one of these quotas applies, because Kafka prefers quotas of users: ${named(users, 3)}`,
    zh: `对适用以下配额的客户端，${quotaEntityText(of)} 的 ${key} 不起作用，因为 Kafka 优先应用用户配额：${named(users, 3, 'zh')}`,
  });
}

export const alterQuotas: KafkaChangeKind<QuotaFacts> = {
  name: 'quota',
  facts: QuotaFacts,

  steps: (facts, { admin, clock }) => {
    const of: QuotaEntity = defined(facts.of);
    const { changes } = facts;
    if (changes.length === 0) return [];
    const text = quotaEntityText(of);

    async function set(side: Side, wanted: readonly QuotaChange[], io: Io): Promise<void> {
      if (wanted.length === 0) return;
      await admin.alterQuotas(of, sideOf(wanted, side), { validateOnly: false }, io);
      await untilApplied({ clock }, io, async () => {
        const now = valuesOf(await admin.quotas(io), of);
        const wrong = wanted.find((each) => (now.get(each.key) ?? null) !== each[side]);
        return wrong && `${wrong.key} of ${text} is still ${now.get(wrong.key) ?? 'not set'}`;
      });
    }

    return [
      {
        id: 'alter-quotas',
        description: `set on ${text}: ${changes.map(textWith('none')).join('; ')}`,
        zh: `设置 ${text}：${changes.map(textWith('无')).join('；')}`,
        async run(io) {
          const now = valuesOf(await admin.quotas(io), of);
          const strange = changes.find((change) => isForeign(change, now));
          if (strange !== undefined) {
            throw changedByOthers(`${strange.key} of ${text} is ${now.get(strange.key) ?? 'not set'} now`);
          }
          await set('after', changes, io);
          return done(changes.map((each) => ({ en: textWith('none')(each), zh: textWith('无')(each) })));
        },
        undo: {
          description: `set on ${text} again: ${changes.map(({ key, before }) => `${key}=${before ?? 'none'}`).join(', ')}`,
          zh: `恢复 ${text}：${changes.map(({ key, before }) => `${key}=${before ?? '无'}`).join('、')}`,
          async run(io) {
            const now = valuesOf(await admin.quotas(io), of);
            const mine = changes.filter(({ key, after }) => (now.get(key) ?? null) === after);
            const foreign = changes.filter((change) => isForeign(change, now));
            await set('before', mine, io);
            return foreign.map(({ key }) => keptText(key, String(now.get(key) ?? '') || { en: 'none', zh: '无' }));
          },
        },
      },
    ];
  },
};

const isForeign = ({ key, before, after }: QuotaChange, now: ReadonlyMap<string, number>): boolean =>
  ![before, after].includes(now.get(key) ?? null);

type Side = 'before' | 'after';

const sideOf = (changes: readonly QuotaChange[], side: Side): QuotaChanges =>
  Object.fromEntries(changes.map((change) => [change.key, change[side] ?? undefined]));

function valuesOf(all: readonly ClientQuotas[], of: QuotaEntity): ReadonlyMap<string, number> {
  const found = all.find(({ entity }) => entity.user === of.user && entity.clientId === of.clientId);
  return found?.values ?? new Map();
}

const textWith =
  (none: string) =>
  ({ key, before, after }: QuotaChange) =>
    `${key}: ${before ?? none} → ${after ?? none}`;
