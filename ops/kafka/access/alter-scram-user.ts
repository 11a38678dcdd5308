// Creates, changes or deletes the SCRAM password of a Kafka user.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { scramMechanisms, type ScramCredential } from '../../../brokers/kafka/changes/scram.ts';
import { AppError } from '../../../core/errors.ts';
import { findingIf, type PlannedChange } from '../../change/change-kind.ts';
import type { KafkaChangeKind, KafkaTools } from '../administration.ts';
import { untilApplied } from '../../change/until-applied.ts';
import { done } from '../../change/step.ts';

export const ScramFacts = z.strictObject({
  user: z.string(),
  mechanism: z.enum(scramMechanisms),
  before: z.number().nullable().describe('iterations of the former password; null: the user had none'),
  after: z.number().nullable().describe('iterations; null: the password is deleted'),
});
export type ScramFacts = z.infer<typeof ScramFacts>;

export interface ScramSpec extends Pick<ScramCredential, 'user' | 'mechanism'> {
  /** Absent to delete the password. */
  iterations?: number;
}

/** @throws AppError not-found if the password to delete does not exist */
export async function planScram(
  { admin, login }: KafkaTools,
  { user, mechanism, iterations }: ScramSpec,
  io: Io,
): Promise<PlannedChange<ScramFacts>> {
  const before = await iterationsOf(admin, { user, mechanism }, io);
  if (before === undefined && iterations === undefined) {
    throw new AppError('not-found', `user ${user} has no ${mechanism} password`);
  }
  const facts = { user, mechanism, before: before ?? null, after: iterations ?? null };
  const isOwn = before !== undefined && login?.user === user && login.mechanism.toUpperCase() === mechanism;
  const change = iterations === undefined ? 'user-locked-out' : 'password-replaced';
  return {
    facts,
    findings: [
      ...findingIf(isOwn, 'critical', 'own-account', {
        en: `Plimsoll logs in as ${user} with ${mechanism} and could be refused before the change ends; make this change as another user`,
        zh: `Plimsoll 以 ${user} 和 ${mechanism} 登录，可能在变更完成前就被拒绝；请使用另一个用户进行此变更`,
      }),
      ...findingIf(before !== undefined, 'warning', change, {
        en: `clients that log in as ${user} with ${mechanism}${iterations === undefined ? '' : ' and another password'} are refused at their next connection`,
        zh: `以 ${user} 和 ${mechanism}${iterations === undefined ? '' : ' 及其他密码'}登录的客户端在下次连接时会被拒绝`,
      }),
    ],
  };
}

/** @param password read when the step runs: no journal contains it, so a resumed change reads it again */
export const alterScramUser = (password: () => string): KafkaChangeKind<ScramFacts> => ({
  name: 'scram-user',
  facts: ScramFacts,

  steps: ({ user, mechanism, before, after }, { admin, clock }) => {
    const of = { user, mechanism };

    const settle = (wanted: number | null, io: Io) =>
      untilApplied({ clock }, io, async () => {
        const now = (await iterationsOf(admin, of, io)) ?? null;
        return now === wanted ? undefined : `the ${mechanism} password of ${user} is not changed`;
      });

    const { en, zh } =
      after === null
        ? { en: `delete the ${mechanism} password of ${user}`, zh: `删除 ${user} 的 ${mechanism} 密码` }
        : {
            en: `${before === null ? 'create' : 'replace'} the ${mechanism} password of ${user}, ${after} iterations`,
            zh: `${before === null ? '创建' : '替换'} ${user} 的 ${mechanism} 密码，迭代 ${after} 次`,
          };
    return [
      {
        id: 'scram-user',
        description: en,
        zh,
        async run(io) {
          if (after === null) await admin.deleteScram(of, io);
          else await admin.setScram({ ...of, iterations: after }, password(), io);
          await settle(after, io);
          return done();
        },
        undo:
          before === null
            ? {
                description: `delete the ${mechanism} password of ${user}, unless others have set it since`,
                zh: `若他人未重新设置，删除 ${user} 的 ${mechanism} 密码`,
                async run(io) {
                  const now = await iterationsOf(admin, of, io);
                  if (now === undefined) return [];
                  // Brokers report nothing else of a password, so one that others set with the same iterations is
                  // mistaken for ours.
                  const en = `others set the ${mechanism} password of ${user}, and it is kept (${now} iterations)`;
                  const zh = `${user} 的 ${mechanism} 密码已被他人重新设置（迭代 ${now} 次），予以保留`;
                  if (now !== after) return [{ en, zh }];
                  await admin.deleteScram(of, io);
                  await settle(null, io);
                  return [];
                },
              }
            : {
                none: 'brokers do not return the former password: set it again',
                zh: 'Broker 不返回原密码：请重新设置',
              },
      },
    ];
  },
});

async function iterationsOf(
  admin: KafkaTools['admin'],
  { user, mechanism }: Pick<ScramCredential, 'user' | 'mechanism'>,
  io: Io,
): Promise<number | undefined> {
  return (await admin.scram(user, io)).find((each) => each.mechanism === mechanism)?.iterations;
}
