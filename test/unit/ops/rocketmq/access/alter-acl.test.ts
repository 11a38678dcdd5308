import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import type { AclRule } from '../../../../../brokers/acl-rule.ts';
import type { RocketmqAcl } from '../../../../../brokers/rocketmq/protocol/access-requests.ts';
import { alterRocketmqAcl, planRocketmqAcl } from '../../../../../ops/rocketmq/access/alter-acl.ts';
import { twoBrokers } from '../../../../support/two-rocketmq-brokers.ts';

const io = { signal: new AbortController().signal };
const [subject, resource] = ['User:shop', 'Topic:orders'];
const rule = (actions: string[], name = 'orders'): AclRule => ({
  subject,
  resource: 'topic',
  name,
  actions,
  decision: 'allow',
  sources: [],
});

/** Two brokers with access control in memory. */
function brokers(rules: Map<string, AclRule[]>) {
  const nameOf = (of: string) => of.replace('Topic:', '');
  const others = (address: string, of: string) => (rules.get(address) ?? []).filter(({ name }) => name !== nameOf(of));
  return twoBrokers({
    acls: async (address: string) => rules.get(address),
    async setAcl(address: string, { resource: of, actions }: RocketmqAcl) {
      rules.set(address, [...others(address, of), rule([...actions], nameOf(of))]);
    },
    async deleteAcl(address: string, { resource: of }: Pick<RocketmqAcl, 'resource'>) {
      rules.set(address, others(address, of));
    },
  });
}

test('a rollback restores unchanged rules, and keeps rules that others set since', async () => {
  const rules = new Map([
    ['a:1', [rule(['pub'])]],
    ['b:1', [rule(['pub'])]],
  ]);
  const tools = brokers(rules);
  const entry = { actions: ['pub', 'sub'], sources: [], decision: 'allow' as const };
  const { facts } = await planRocketmqAcl(tools, { subject, resource, entry }, io);
  const [step] = alterRocketmqAcl.steps(facts, tools);
  await step?.run(io);
  rules.set('b:1', [rule(['sub'])]);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual([
    'broker-a:0: allow pub',
    'broker-b:0: others changed the rule to allow sub, and it is kept',
  ]);
  expect([...rules.values()]).toEqual([[rule(['pub'])], [rule(['sub'])]]);
});

test.each([
  { what: 'former rule', before: [rule(['pub'])] },
  { what: 'lack of a rule', before: [] },
])('restores the $what if a broker applies the request differently', async ({ before }) => {
  const rules = new Map([
    ['a:1', before],
    ['b:1', before],
  ]);
  const tools = brokers(rules);
  const { setAcl } = tools.admin;
  tools.admin.setAcl = (address, acl, within) =>
    setAcl(address, { ...acl, actions: acl.actions.filter((action) => action !== 'sub') }, within);
  const entry = { actions: ['pub', 'get', 'sub'], sources: [], decision: 'allow' as const };
  const { facts } = await planRocketmqAcl(tools, { subject, resource, entry }, io);
  const [step] = alterRocketmqAcl.steps(facts, tools);
  await expect(step?.run(io)).rejects.toThrow('took the rule of User:shop on Topic:orders and has allow pub, get');
  expect([...rules.values()]).toEqual([before, before]);
});

test('a rule of a topic whose name differs only in case is a different rule', async () => {
  const other = rule(['pub'], 'Orders');
  const rules = new Map([
    ['a:1', [other]],
    ['b:1', [other]],
  ]);
  const tools = brokers(rules);
  const entry = { actions: ['pub'], sources: [], decision: 'allow' as const };
  const { facts } = await planRocketmqAcl(tools, { subject, resource, entry }, io);
  const [step] = alterRocketmqAcl.steps(facts, tools);
  await step?.run(io);
  expect([...rules.values()]).toEqual([
    [other, rule(['pub'])],
    [other, rule(['pub'])],
  ]);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual(['broker-a:0: no rule', 'broker-b:0: no rule']);
  expect([...rules.values()]).toEqual([[other], [other]]);
});

test('sets no rule on another broker at the planned address', async () => {
  const rules = new Map([
    ['a:1', [rule(['pub'])]],
    ['b:1', [rule(['pub'])]],
  ]);
  const tools = brokers(rules);
  const entry = { actions: ['sub'], sources: [], decision: 'allow' as const };
  const { facts } = await planRocketmqAcl(tools, { subject, resource, entry }, io);
  tools.admin.settings = async (address) => new Map([['brokerName', address === 'b:1' ? 'broker-x' : 'broker-a']]);
  tools.admin.listings = async () => [{ server: 'ns1:9876', brokers: [] }];
  const [step] = alterRocketmqAcl.steps(facts, tools);
  await expect(step?.run(io)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: 'b:1 is the address of another broker by now, and no name server lists broker-b:0',
  });
  expect(rules.get('b:1')).toEqual([rule(['pub'])]);
});
