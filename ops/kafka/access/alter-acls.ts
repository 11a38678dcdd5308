// Creates or deletes Kafka ACLs; the rollback restores the former ones.

import { z } from 'zod';
import type { AclRule } from '../../../brokers/acl-rule.ts';
import type { Io } from '../../../brokers/driver.ts';
import { aclText, isAcl, KafkaAcl } from '../../../brokers/kafka/changes/acls.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import type { KafkaChangeKind, KafkaTools } from '../administration.ts';
import { untilApplied } from '../../change/until-applied.ts';
import { done } from '../../change/step.ts';

export const AclFacts = z.strictObject({
  what: z.enum(['create', 'delete']),
  acls: z.array(KafkaAcl).describe('rules that the change creates or deletes; the others need no change'),
});
export type AclFacts = z.infer<typeof AclFacts>;

export interface AclSpec {
  what: AclFacts['what'];
  acls: readonly KafkaAcl[];
}

/** @throws AppError broker-refused without an authorizer */
export async function planAcls(
  { admin, login }: KafkaTools,
  { what, acls }: AclSpec,
  io: Io,
): Promise<PlannedChange<AclFacts>> {
  const rules = await admin.acls(io);
  const isThere = (acl: KafkaAcl) => rules.some((rule) => isAcl(rule, acl));
  const changed = acls.filter((acl) => isThere(acl) === (what === 'delete'));
  const same = acls.filter((acl) => !changed.includes(acl));
  const others = rules.filter((rule) => !changed.some((acl) => isAcl(rule, acl)));
  return {
    facts: { what, acls: changed.map((acl) => ({ ...acl })) },
    findings: [
      ...same.map((acl) =>
        finding('info', 'nothing-to-do', {
          en: `${aclText(acl)} ${what === 'create' ? 'exists already' : 'does not exist'}`,
          zh: `${aclText(acl)} ${what === 'create' ? '已存在' : '不存在'}`,
        }),
      ),
      ...placesWithout(others, changed).map((place) => onlyRule(what, place)),
      ...(login === undefined ? [] : ownFindings({ what, acls: changed }, others, login.user)),
    ],
  };
}

/** With allow.everyone.if.no.acl.found, brokers allow everyone if no rule matches: a name, its prefixes or `*`. */
function placesWithout(rules: readonly AclRule[], acls: readonly KafkaAcl[]): string[] {
  const open = acls.filter((acl) => !rules.some((rule) => coversName(rule, acl)));
  return [...new Set(open.map(({ resource, name, isPrefix }) => `${resource} ${name}${isPrefix ? '*' : ''}`))];
}

const coversName = (rule: AclRule, { resource, name, isPrefix }: KafkaAcl): boolean =>
  rule.resource === resource &&
  (rule.name.endsWith('*') ? name.startsWith(rule.name.slice(0, -1)) : !isPrefix && rule.name === name);

const onlyRule = (what: AclFacts['what'], place: string): Finding =>
  what === 'create'
    ? finding('warning', 'first-rule', {
        en: `${place} has no rule yet: with allow.everyone.if.no.acl.found, all other users lose access to it`,
        zh: `${place} 目前没有规则：若启用了 allow.everyone.if.no.acl.found，其他用户都会失去访问权限`,
      })
    : finding('warning', 'last-rule', {
        en: `no rule is left for ${place}: with allow.everyone.if.no.acl.found, all users gain access where no other rule applies`,
        zh: `变更后 ${place} 没有规则：若启用了 allow.everyone.if.no.acl.found，没有其他规则之处，所有用户都会获得访问权限`,
      });

/** @param others rules that the change does not affect */
function ownFindings(change: AclFacts, others: readonly AclRule[], user: string): Finding[] {
  return findingIf(takesAlter(change, others, user), 'critical', 'own-account', {
    en: `Plimsoll logs in as ${user} and, unless ${user} is a super user, would lose Alter on the cluster, which the rollback needs; make this change as another user`,
    zh: `Plimsoll 以 ${user} 登录；除非 ${user} 是超级用户，变更后会失去回滚所需的集群 Alter 权限。请使用另一个用户进行此变更`,
  });
}

function takesAlter({ what, acls }: AclFacts, others: readonly AclRule[], user: string): boolean {
  const isOnAlter = (subject: string, resource: string, operations: readonly string[]) =>
    [`User:${user}`, 'User:*'].includes(subject) &&
    resource === 'cluster' &&
    operations.some((each) => each === 'Alter' || each === 'All');
  const concerned = acls.filter(({ subject, resource, operation }) => isOnAlter(subject, resource, [operation]));
  if (what === 'create') return concerned.some(({ decision, host }) => decision === 'deny' && host === '*');
  const isGranted = others.some(
    ({ subject, resource, actions, decision }) => decision === 'allow' && isOnAlter(subject, resource, actions),
  );
  return !isGranted && concerned.some(({ decision }) => decision === 'allow');
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
      await untilApplied({ clock }, io, async () => {
        const rules = await admin.acls(io);
        const wrong = wanted.find((acl) => rules.some((rule) => isAcl(rule, acl)) !== (which === 'create'));
        return wrong && `${aclText(wrong)} ${state}`;
      });
    }

    const back = what === 'create' ? 'delete' : 'create';
    const shown = acls.map(aclText);
    return [
      {
        id: `${what}-acls`,
        description: `${what}: ${shown.join('; ')}`,
        zh: `${what === 'create' ? '创建' : '删除'} ACL：${shown.join('；')}`,
        async run(io) {
          await bring(what, acls, io);
          return done(shown);
        },
        undo: {
          description: `${back}: ${shown.join('; ')}`,
          zh: `${back === 'create' ? '创建' : '删除'} ACL：${shown.join('；')}`,
          async run(io) {
            await bring(back, acls, io);
            return shown;
          },
        },
      },
    ];
  },
};
