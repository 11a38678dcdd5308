// Creates or deletes access control rules of Kafka; the rollback restores what was there.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { aclOperations, aclResources, aclText, isAcl, type KafkaAcl } from '../../../brokers/kafka/changes/acls.ts';
import { finding, type PlannedChange } from '../../change/change-kind.ts';
import type { KafkaChangeKind, KafkaTools } from '../administration.ts';
import { untilApplied } from '../until-applied.ts';

const Acl = z.strictObject({
  subject: z.string().regex(/^[^:\s]+:.+$/, 'expected a subject such as User:alice'),
  resource: z.enum(aclResources),
  name: z.string().min(1),
  isPrefix: z.boolean(),
  operation: z.enum(aclOperations),
  decision: z.enum(['allow', 'deny']),
  host: z.string().min(1),
});

export const AclFacts = z.strictObject({
  what: z.enum(['create', 'delete']),
  acls: z.array(Acl).describe('rules that the change creates or deletes; the others need no change'),
});
export type AclFacts = z.infer<typeof AclFacts>;

export interface AclSpec {
  what: AclFacts['what'];
  acls: readonly KafkaAcl[];
}

/** @throws AppError broker-refused without an authorizer */
export async function planAcls(
  { admin }: KafkaTools,
  { what, acls }: AclSpec,
  io: Io,
): Promise<PlannedChange<AclFacts>> {
  const rules = await admin.acls(io);
  const isThere = (acl: KafkaAcl) => rules.some((rule) => isAcl(rule, acl));
  const changed = acls.filter((acl) => isThere(acl) === (what === 'delete'));
  const same = acls.filter((acl) => !changed.includes(acl));
  // Without an authorizer the list is refused. With one, the first rule of a resource closes it to all others.
  const closed = what === 'create' ? newlyGuarded(changed, (acl) => rules.some((rule) => coversName(rule, acl))) : [];
  return {
    subject: [...new Set(acls.map(({ subject }) => subject))].join(', '),
    facts: { what, acls: changed.map((acl) => ({ ...acl })) },
    findings: [
      ...same.map((acl) =>
        finding('info', 'nothing-to-do', {
          en: `${aclText(acl)} ${what === 'create' ? 'exists already' : 'does not exist'}`,
          zh: `${aclText(acl)} ${what === 'create' ? '已存在' : '不存在'}`,
        }),
      ),
      ...closed.map(({ resource, name }) =>
        finding('warning', 'first-rule', {
          en: `${resource} ${name} has no rule yet: with allow.everyone.if.no.acl.found, all other users lose access to it`,
          zh: `${resource} ${name} 目前没有规则：若启用了 allow.everyone.if.no.acl.found，其他用户都会失去访问权限`,
        }),
      ),
    ],
    holds: [],
  };
}

const coversName = (rule: { resource: string; name: string }, { resource, name, isPrefix }: KafkaAcl) =>
  rule.resource === resource && rule.name === (isPrefix ? `${name}*` : name);

function newlyGuarded(acls: readonly KafkaAcl[], isGuarded: (acl: KafkaAcl) => boolean): readonly KafkaAcl[] {
  const byPlace = new Map(acls.map((acl) => [`${acl.resource} ${acl.name} ${acl.isPrefix}`, acl]));
  return [...byPlace.values()].filter((acl) => !isGuarded(acl));
}

export const alterAcls: KafkaChangeKind<AclFacts> = {
  name: 'acls',
  facts: AclFacts,

  steps: ({ what, acls }, { admin, clock }) => {
    if (acls.length === 0) return [];

    async function bring(which: AclFacts['what'], wanted: readonly KafkaAcl[], io: Io): Promise<void> {
      if (wanted.length === 0) return;
      await (which === 'create' ? admin.createAcls(wanted, io) : admin.deleteAcls(wanted, io));
      const state = which === 'create' ? 'is not listed yet' : 'is still listed';
      const missing = async () => {
        const rules = await admin.acls(io);
        const wrong = wanted.find((acl) => rules.some((rule) => isAcl(rule, acl)) !== (which === 'create'));
        return wrong && `${aclText(wrong)} ${state}`;
      };
      await untilApplied(missing, clock, io);
    }

    const back = what === 'create' ? 'delete' : 'create';
    const shown = acls.map(aclText);
    return [
      {
        id: `${what}-acls`,
        description: `${what}: ${shown.join('; ')}`,
        async run(io) {
          await bring(what, acls, io);
          return { kind: 'done', evidence: shown };
        },
        undo: {
          description: `${back}: ${shown.join('; ')}`,
          async run(io) {
            await bring(back, acls, io);
            return shown;
          },
        },
      },
    ];
  },
};
