import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import type { BrokerUser, UserChange } from '../../../../../brokers/rocketmq/protocol/access-requests.ts';
import { AppError } from '../../../../../core/errors.ts';
import {
  alterRocketmqUser,
  planRocketmqUser,
  type RocketmqUserSpec,
} from '../../../../../ops/rocketmq/access/alter-user.ts';
import { twoBrokers } from '../../../../support/two-rocketmq-brokers.ts';

const io = { signal: new AbortController().signal };
const shop = (isEnabled: boolean, type: BrokerUser['type'] = 'normal'): BrokerUser => ({
  name: 'shop',
  type,
  isEnabled,
});

/** Two brokers with users in memory. */
function brokers(users: Map<string, BrokerUser[]>) {
  return twoBrokers({
    users: async (address: string) => users.get(address),
    // Like a broker, creates users enabled, whatever was requested.
    async createUser(address: string, name: string, { type = 'normal' }: UserChange) {
      users.set(address, [{ name, type, isEnabled: true }]);
    },
    async deleteUser(address: string) {
      users.set(address, []);
    },
    async updateUser(address: string, name: string, { type = 'normal', isEnabled = true }: UserChange) {
      users.set(address, [{ name, type, isEnabled }]);
    },
  });
}

test('a rollback restores an unchanged user, and keeps changes that others made since', async () => {
  const users = new Map([
    ['a:1', [shop(true)]],
    ['b:1', [shop(true)]],
  ]);
  const tools = brokers(users);
  const spec = { user: 'shop', isEnabled: false, isPasswordSet: false, isRemoved: false };
  const { facts } = await planRocketmqUser(tools, spec, io);
  const [step] = alterRocketmqUser(() => '').steps(facts, tools);
  await step?.run(io);
  users.set('b:1', [shop(true, 'super')]);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual([
    'broker-a:0: normal, enabled',
    'broker-b:0: others changed the user to super, enabled, and it is kept',
  ]);
  expect([...users.values()]).toEqual([[shop(true)], [shop(true, 'super')]]);
});

const newUser = { user: 'shop', isEnabled: false, isPasswordSet: true, isRemoved: false };
const none = () =>
  new Map<string, BrokerUser[]>([
    ['a:1', []],
    ['b:1', []],
  ]);

test('a rollback deletes a new user whose creation stopped before the user was disabled', async () => {
  const users = none();
  const tools = brokers(users);
  tools.admin.updateUser = () => Promise.reject(new AppError('broker-unreachable', 'cannot reach a:1'));
  const { facts } = await planRocketmqUser(tools, newUser, io);
  const [step] = alterRocketmqUser(() => 'secret').steps(facts, tools);
  await expect(step?.run(io)).rejects.toMatchObject({ code: 'broker-unreachable' });
  expect(users.get('a:1')).toEqual([shop(true)]);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual(['broker-a:0: absent', 'broker-b:0: absent']);
  expect([...users.values()]).toEqual([[], []]);
});

test('deletes a new user at once if a broker created it differently', async () => {
  const users = none();
  const tools = brokers(users);
  tools.admin.updateUser = () => Promise.resolve();
  const { facts } = await planRocketmqUser(tools, newUser, io);
  const [step] = alterRocketmqUser(() => 'secret').steps(facts, tools);
  await expect(step?.run(io)).rejects.toThrow('took the change of user shop, and the user is normal, enabled');
  expect([...users.values()]).toEqual([[], []]);
});

test('the plan reports that a broker has no access control even if the broker hides why it lists no users', async () => {
  const tools = brokers(none());
  tools.admin.users = () =>
    Promise.reject(new AppError('broker-refused', 'An system error occurred, please try again later.'));
  tools.admin.acls = () => Promise.reject(new AppError('broker-refused', 'the broker has no access control'));
  await expect(planRocketmqUser(tools, newUser, io)).rejects.toThrow('the broker has no access control');
});

test.each<{ what: string; change: Partial<RocketmqUserSpec> }>([
  { what: 'password', change: { isPasswordSet: true } },
  { what: 'removal', change: { isRemoved: true } },
  { what: 'lock', change: { isEnabled: false } },
  { what: 'type', change: { type: 'normal' } },
])('refuses a change of the account of Plimsoll: $what', async ({ change }) => {
  const users = new Map([
    ['a:1', [shop(true, 'super')]],
    ['b:1', [shop(true, 'super')]],
  ]);
  const spec = { user: 'shop', isPasswordSet: false, isRemoved: false, ...change };
  const critical = async (account: string) => {
    const { findings } = await planRocketmqUser({ ...brokers(users), account }, spec, io);
    return findings.filter(({ severity }) => severity === 'critical').map(({ code }) => code);
  };
  expect([await critical('shop'), await critical('other')]).toEqual([['own-account'], []]);
});

test('creates no user on another broker at the planned address', async () => {
  const users = none();
  const tools = brokers(users);
  const { facts } = await planRocketmqUser(tools, newUser, io);
  tools.admin.settings = async (address) => new Map([['brokerName', address === 'b:1' ? 'broker-x' : 'broker-a']]);
  tools.admin.listings = async () => [{ server: 'ns1:9876', brokers: [] }];
  const [step] = alterRocketmqUser(() => 'secret').steps(facts, tools);
  await expect(step?.run(io)).rejects.toMatchObject({ code: 'broker-unreachable' });
  expect(users.get('b:1')).toEqual([]);
});

test.each<[Partial<RocketmqUserSpec>, string]>([
  [{ isPasswordSet: true }, 'clients that log in as shop with another password are refused from then on'],
  [{ isPasswordSet: true, isEnabled: false }, 'clients that log in as shop are refused from then on'],
])('states which clients are refused: %j', async (change, text) => {
  const users = new Map(['a:1', 'b:1'].map((address) => [address, [shop(true)]]));
  const spec = { user: 'shop', isPasswordSet: false, isRemoved: false, ...change };
  const { findings } = await planRocketmqUser(brokers(users), spec, io);
  expect(findings.map(({ message }) => message)).toContain(text);
});
