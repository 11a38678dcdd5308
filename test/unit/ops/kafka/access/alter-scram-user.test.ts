import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import type { AclRule } from '../../../../../brokers/acl-rule.ts';
import type { KafkaAcl } from '../../../../../brokers/kafka/changes/acls.ts';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { planAcls, type AclSpec } from '../../../../../ops/kafka/access/alter-acls.ts';
import { alterScramUser, planScram } from '../../../../../ops/kafka/access/alter-scram-user.ts';

const io = { signal: new AbortController().signal };
const of = { user: 'alice', mechanism: 'SCRAM-SHA-512' } as const;
const unconnected = () =>
  openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] }));

/** Creates a password, lets something happen to it, and goes back. @param meanwhile iterations; undefined: it was deleted */
async function createdAndBack(meanwhile: number | undefined) {
  let iterations: number | undefined;
  const admin = {
    ...unconnected(),
    scram: async () => (iterations === undefined ? [] : [{ ...of, iterations }]),
    setScram: async (wanted: { iterations: number }) => void ({ iterations } = wanted),
    deleteScram: async () => void (iterations = undefined),
  };
  const tools = { admin, clock: systemClock, clusterArgs: '' };
  const { facts } = await planScram(tools, { ...of, iterations: 8192 }, io);
  const [step] = alterScramUser(() => 'secret').steps(facts, tools);
  await step?.run(io);
  iterations = meanwhile;
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  return { restored: inEnglish(await step.undo.run?.(io)), iterations };
}

test('a rollback deletes a new password', async () => {
  expect(await createdAndBack(8192)).toEqual({
    restored: [],
    iterations: undefined,
  });
});

test('a rollback keeps a password that others set later', async () => {
  expect(await createdAndBack(4096)).toEqual({
    restored: ['others set the SCRAM-SHA-512 password of alice, and it is kept (4096 iterations)'],
    iterations: 4096,
  });
});

test('a rollback deletes nothing if the password no longer exists', async () => {
  expect(await createdAndBack(undefined)).toEqual({
    restored: [],
    iterations: undefined,
  });
});

test.each<{ mechanism: string; iterations?: number; expected: string[] }>([
  { mechanism: 'scram-sha-512', iterations: 8192, expected: ['own-account', 'password-replaced'] },
  { mechanism: 'scram-sha-512', expected: ['own-account', 'user-locked-out'] },
  { mechanism: 'scram-sha-256', iterations: 8192, expected: ['password-replaced'] },
])('changing $mechanism of the user that Plimsoll logs in as results in $expected', async (given) => {
  const { mechanism, expected, ...wanted } = given;
  const admin = { ...unconnected(), scram: async () => [{ ...of, iterations: 4096 }] };
  const tools = { admin, clock: systemClock, clusterArgs: '', login: { user: 'alice', mechanism } };
  const { findings } = await planScram(tools, { ...of, ...wanted }, io);
  expect(findings.map(({ code }) => code)).toEqual(expected);
  // The same password again is not recognized, because brokers do not return it.
  const { message } = findings.at(-1) ?? {};
  expect(message?.includes('and another password')).toBe(expected.includes('password-replaced'));
});

const rule = (resource: AclRule['resource'], name: string, action = 'Read'): AclRule => ({
  subject: 'User:alice',
  resource,
  name,
  actions: [action],
  decision: 'allow',
  sources: [],
});
const acl = (over: Partial<KafkaAcl> = {}): KafkaAcl => ({
  subject: 'User:alice',
  resource: 'topic',
  name: 'order-paid',
  isPrefix: false,
  operation: 'Read',
  decision: 'allow',
  host: '*',
  ...over,
});

/** @returns severities and codes of a plan made as user alice */
async function planned(what: AclSpec['what'], changed: KafkaAcl, rules: readonly AclRule[]): Promise<string[]> {
  const login = { user: 'alice', mechanism: 'plain' };
  const tools = { admin: { ...unconnected(), acls: async () => rules }, clock: systemClock, clusterArgs: '', login };
  const { findings } = await planAcls(tools, { what, acls: [changed] }, io);
  return findings.map(({ severity, code }) => `${severity} ${code}`);
}

const orderPaid = rule('topic', 'order-paid');
test.each<{ what: string; others: AclRule[]; isOnly: boolean }>([
  { what: 'none', others: [], isOnly: true },
  { what: 'one of a group', others: [rule('group', 'order-paid')], isOnly: true },
  { what: 'one of another prefix', others: [rule('topic', 'payment-*')], isOnly: true },
  { what: 'another of the topic', others: [rule('topic', 'order-paid', 'Describe')], isOnly: false },
  { what: 'one of its prefix', others: [rule('topic', 'order-*')], isOnly: false },
  { what: 'one of every topic', others: [rule('topic', '*')], isOnly: false },
])('warns about the first and the last rule of a topic; existing other rule: $what', async ({ others, isOnly }) => {
  const found = [await planned('create', acl(), others), await planned('delete', acl(), [orderPaid, ...others])];
  expect(found).toEqual(isOnly ? [['warning first-rule'], ['warning last-rule']] : [[], []]);
});

test('refuses to remove the permission Alter on the cluster from the user of Plimsoll', async () => {
  const alter = acl({ resource: 'cluster', name: 'kafka-cluster', operation: 'Alter' });
  const [alters, describes, all] = ['Alter', 'Describe', 'All'].map((name) => rule('cluster', 'kafka-cluster', name));
  if (alters === undefined || describes === undefined || all === undefined) throw new Error('no rules');
  expect(await planned('delete', alter, [alters, describes])).toEqual(['critical own-account']);
  expect(await planned('delete', alter, [alters, all])).toEqual([]);
  expect(await planned('create', { ...alter, decision: 'deny' }, [alters])).toEqual(['critical own-account']);
  expect(await planned('create', { ...alter, decision: 'deny', host: '203.0.113.7' }, [alters])).toEqual([]);
  const bob = { subject: 'User:bob' };
  expect(await planned('delete', { ...alter, ...bob }, [{ ...alters, ...bob }, describes])).toEqual([]);
});
