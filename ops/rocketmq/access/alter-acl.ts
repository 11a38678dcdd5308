// Sets or deletes one ACL on every RocketMQ broker; the rollback restores the former one of each.

import { z } from 'zod';
import type { AclRule } from '../../../brokers/acl-rule.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { RocketmqAcl } from '../../../brokers/rocketmq/protocol/access-requests.ts';
import { AppError } from '../../../core/errors.ts';
import type { FindingLanguage } from '../../../core/documents/findings/finding-entry.ts';
import { inLanguage, type Text } from '../../../core/text/bilingual.ts';
import { findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { listMembers, type RocketmqChangeKind, type RocketmqTools } from '../administration.ts';
import { atServer, changeEach } from '../change-each.ts';
import { asMembers, membersNow, otherMembers, restoreMembers, settingsAt } from '../members.ts';
import { changedByOthers, done } from '../../change/step.ts';

const Entry = z.strictObject({
  actions: z.array(z.string()).min(1),
  sources: z.array(z.string()),
  decision: z.enum(['allow', 'deny']),
});
type Entry = z.infer<typeof Entry>;

export const RocketmqAclFacts = z.strictObject({
  subject: z.string(),
  resource: z.string(),
  after: Entry.nullable().describe('null: the rule is deleted'),
  brokers: z.array(
    z.strictObject({ brokerName: z.string(), address: z.string(), others: otherMembers, before: Entry.nullable() }),
  ),
});
export type RocketmqAclFacts = z.infer<typeof RocketmqAclFacts>;
type AclBroker = RocketmqAclFacts['brokers'][number];

export interface RocketmqAclSpec extends Pick<RocketmqAcl, 'subject' | 'resource'> {
  /** Absent to delete the rule. */
  entry?: Entry;
}

/** @throws AppError unsupported-broker; errors of a broker */
export async function planRocketmqAcl(
  tools: RocketmqTools,
  { subject, resource, entry }: RocketmqAclSpec,
  io: Io,
): Promise<PlannedChange<RocketmqAclFacts>> {
  const { brokers, findings } = await listMembers(tools, [], io);
  const after = entry ?? null;
  const all = await Array.fromAsync(brokers, async ({ name, address, others }): Promise<AclBroker> => {
    const before = await entryAt(tools.admin, { subject, resource, address, name }, io);
    return { brokerName: name, address, others, before };
  });
  const changed = all.filter(({ before }) => !isSame(before, after));
  return {
    facts: { subject, resource, after, brokers: changed },
    findings: [
      ...findings,
      ...findingIf(changed.length === 0, 'info', 'nothing-to-do', {
        en: `${subject} has ${entryText(after)} on ${resource} on every broker already`,
        zh: `在每个 Broker 上，${subject} 对 ${resource} 的权限都已如此`,
      }),
    ],
  };
}

export const alterRocketmqAcl: RocketmqChangeKind<RocketmqAclFacts> = {
  name: 'acl',
  facts: RocketmqAclFacts,

  steps: ({ subject, resource, after, brokers }, { admin, gone }) => {
    if (brokers.length === 0) return [];
    const members = asMembers(brokers);

    const ruleText = (entry: Entry | null) => ({
      en: `the rule of ${subject} on ${resource}: ${entryText(entry)}`,
      zh: `${subject} 对 ${resource} 的规则：${entryText(entry, 'zh')}`,
    });

    async function put(address: string, wanted: Entry | null, io: Io): Promise<void> {
      if (wanted === null) await admin.deleteAcl(address, { subject, resource }, io);
      else await admin.setAcl(address, { subject, resource, ...wanted }, io);
    }

    async function bring(member: (typeof members)[number], wanted: Entry | null, io: Io): Promise<Text> {
      const { name, address, before } = member;
      await put(address, wanted, io);
      const now = await entryAt(admin, { subject, resource, address, name }, io);
      if (isSame(now, wanted)) return stateOf(name, wanted);
      // The broker stored something else. A rollback would mistake it for a rule of others and keep it, so it is undone here.
      if (wanted === after && !isSame(now, before)) await put(address, before, io);
      throw new AppError(
        'broker-refused',
        `${name} took the rule of ${subject} on ${resource} and has ${entryText(now)}`,
      );
    }

    return [
      {
        id: 'acl',
        description: `${subject} on ${resource}: ${brokers.map(({ brokerName, before }) => `${brokerName}: ${entryText(before)} → ${entryText(after)}`).join('; ')}`,
        zh: `${subject} 对 ${resource} 的权限：${brokers.map(({ brokerName, before }) => `${brokerName}：${entryText(before, 'zh')} → ${entryText(after, 'zh')}`).join('；')}`,
        async run(io) {
          const evidence = await changeEach(await membersNow(members, admin, io), async (member) => {
            const { name, address, before } = member;
            await settingsAt(member, admin, io);
            const now = await entryAt(admin, { subject, resource, address, name }, io);
            if (!isSame(now, before) && !isSame(now, after)) {
              throw changedByOthers(`${name} has another rule of ${subject} on ${resource} now`);
            }
            return isSame(now, after) ? stateOf(name, after) : await bring(member, after, io);
          });
          return done(evidence);
        },
        undo: {
          description: 'restore the former rule of each broker',
          zh: '恢复各 Broker 原来的规则',
          run: (io) =>
            restoreMembers(
              members,
              { desk: admin, gone },
              {
                before: (member) => ruleText(member.before),
                after: () => ruleText(after),
                async restore(member) {
                  const { name, address, before } = member;
                  const now = await entryAt(admin, { subject, resource, address, name }, io);
                  if (isSame(now, before)) return stateOf(name, before);
                  if (isSame(now, after)) return await bring(member, before, io);
                  const en = `others changed the rule to ${entryText(now)}, and it is kept`;
                  return atServer(name, en, `规则已被他人改为 ${entryText(now, 'zh')}，予以保留`);
                },
              },
              io,
            ),
        },
      },
    ];
  },
};

export const noAcl = (broker: string): AppError =>
  new AppError('unsupported-broker', `${broker} has no access control that can be changed`, {
    hint: 'RocketMQ 5.3 and later have it (ACL 2.0); 4.x has conf/plain_acl.yml on each broker',
  });

async function entryAt(
  admin: RocketmqTools['admin'],
  { subject, resource, address, name }: { subject: string; resource: string; address: string; name: string },
  io: Io,
): Promise<Entry | null> {
  const rules = await admin.acls(address, io);
  if (rules === undefined) throw noAcl(name);
  const rule = rules.find((each) => each.subject === subject && isOn(each, resource));
  return rule === undefined
    ? null
    : { actions: [...rule.actions], sources: [...rule.sources], decision: rule.decision };
}

/** Brokers list resource kinds in lower case; names are case-sensitive. */
function isOn(rule: Pick<AclRule, 'resource' | 'name'>, resource: string): boolean {
  const colon = resource.indexOf(':');
  return rule.resource === resource.slice(0, colon).toLowerCase() && rule.name === resource.slice(colon + 1);
}

const sorted = (texts: readonly string[]) =>
  texts
    .map((text) => text.toLowerCase())
    .toSorted()
    .join();

const isSame = (one: Entry | null, other: Entry | null): boolean =>
  one === null || other === null
    ? one === other
    : one.decision === other.decision &&
      sorted(one.actions) === sorted(other.actions) &&
      sorted(one.sources) === sorted(other.sources);

const stateOf = (broker: string, entry: Entry | null) => atServer(broker, entryText(entry), entryText(entry, 'zh'));

function entryText(entry: Entry | null, language: FindingLanguage = 'en'): string {
  if (entry === null) return inLanguage(['no rule', '无规则'], language);
  const from =
    entry.sources.length === 0 ? '' : ` ${inLanguage(['from', '来源'], language)} ${entry.sources.join(', ')}`;
  return `${entry.decision} ${entry.actions.join(', ')}${from}`;
}
