import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../brokers/kafka/config.ts';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { verifyLive } from '../../../../app/observe/named-cluster.ts';
import type { Cluster } from '../../../../core/cluster.ts';
import { AppError } from '../../../../core/errors.ts';
import { startFakeCluster } from '../../../support/fake-name-server.ts';
import { runWords } from '../../../support/run-words.ts';

const kafka: Cluster = {
  name: 'orders',
  kind: 'kafka',
  clusterId: 'live-id',
  brokers: [{ id: '1', address: 'k:9092' }],
};
const entry = (clusterId?: string) => ({
  name: 'orders',
  config: KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['k:9092'], ...(clusterId && { clusterId }) }),
});
function refusal(act: () => unknown): Pick<AppError, 'code' | 'message' | 'hint'> | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

test('the name to type for confirmation comes from the brokers', () => {
  expect(verifyLive(entry('live-id'), kafka)).toBe('live-id');
  expect(verifyLive(entry(), kafka, { isRequired: false })).toBe('live-id');
});

test('rejects another cluster with both ids, even for a resume or rollback', () => {
  for (const isRequired of [true, false])
    expect(refusal(() => verifyLive(entry('configured-id'), kafka, { isRequired }))).toMatchObject({
      code: 'wrong-cluster',
      message:
        'clusters.orders.clusterId is configured-id, and the brokers at k:9092 report live-id: nothing was changed',
    });
});

test('rejects an entry without clusterId, and shows the line to add', () => {
  const { code, hint } = refusal(() => verifyLive(entry(), kafka)) ?? {};
  expect(code).toBe('cluster-id-missing');
  expect(hint).toContain('add it under clusters.orders:\n    clusterId: "live-id"');
});

test('rejects brokers that report no id', () => {
  const { clusterId: _, ...nameless } = kafka;
  expect(refusal(() => verifyLive(entry(), nameless))).toMatchObject({ code: 'wrong-cluster' });
});

/** Name servers that serve the clusters orders and trade. */
const shared = (listed: Record<string, readonly string[]>, known: readonly string[]) => {
  const config = { broker: 'rocketmq', namesrv: ['n:9876'], clusterId: { name: 'orders+trade', brokers: known } };
  const live: Cluster = {
    name: 'orders',
    kind: 'rocketmq',
    clusterId: Object.keys(listed).toSorted().join('+'),
    brokers: Object.values(listed)
      .flat()
      .map((broker) => broker.split('@'))
      .map(([brokerName = '', address = '']) => ({ id: `${brokerName}:0`, address })),
  };
  return () => verifyLive({ name: 'orders', config: RocketmqClusterConfig.parse(config) }, live, { isRequired: false });
};
const [ofOrders, ofTrade] = ['broker-a@10.0.0.5:10911', 'trade-a@10.0.0.9:10911'];

test('a cluster that is down does not turn the other clusters of the name servers into a different cluster', () => {
  const known = [ofOrders, ofTrade];
  expect(shared({ orders: [ofOrders], trade: [ofTrade] }, known)()).toBe('orders+trade');
  expect(shared({ orders: [ofOrders] }, known)()).toBe('orders+trade');
  expect(refusal(shared({ orders: [ofOrders], logs: ['logs-a@10.0.0.8:10911'] }, known))).toMatchObject({
    code: 'wrong-cluster',
  });
});

test('if only brokers of the other cluster are registered, the cluster is down; at other addresses it is a different one', () => {
  expect(refusal(shared({ trade: [ofTrade] }, [ofOrders]))).toMatchObject({ code: 'broker-unreachable' });
  expect(refusal(shared({ orders: ['broker-a@10.9.9.9:10911'] }, [ofOrders]))).toMatchObject({ code: 'wrong-cluster' });
  const whole = { orders: ['broker-b@10.9.9.9:10911'], trade: ['trade-a@10.9.9.8:10911'] };
  expect(refusal(shared(whole, [ofOrders]))).toMatchObject({ code: 'wrong-cluster' });
});

const load = '--rate-steps 10 --step-duration 1s --message-size 100 --no-calibration --accept-blind'.split(' ');
const commands: [string, string[]][] = [
  ['a load test', ['run', ...load]],
  ['a change of RocketMQ', ['ops', 'rocketmq', 'scale-in', '--broker', 'broker-a', '--execute', '--confirm', 'trade']],
  ['a drill', ['ops', 'rocketmq', 'drill', '--broker', 'broker-a', '--execute', '--confirm', 'trade']],
];

/** The fake responds with 17 and 3 to everything but membership, the only thing that is requested. */
async function attempt(words: readonly string[], clusterIdOf: (broker: string) => string) {
  await using cluster = await startFakeCluster('DefaultCluster');
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-live-cluster-'));
  const config = join(folder.path, 'plimsoll.yaml');
  const written = `clusters:
  trade:
    broker: rocketmq
    namesrv: ["${cluster.namesrv}"]
    ${clusterIdOf(cluster.broker)}
    loadTest: { window: always, maxTps: 100, maxNicShare: 1, topicPrefix: plimsoll-, approver: a test }
`;
  await writeFile(config, written);
  const place = words[0] === 'run' ? ['--out', join(folder.path, 'run')] : [];
  const state = words[0] === 'ops' ? ['--state-dir', folder.path] : [];
  const ended = await runWords(...words, '--config', config, ...place, ...state);
  return {
    ...ended,
    codes: cluster.codes(),
    broker: cluster.broker,
    isUntouched: (await readFile(config, 'utf8')) === written,
  };
}

/** GET_BROKER_CLUSTER_INFO and the runtime information of brokers. */
const harmless = new Set([106, 28]);

test.each(commands)('%s with a config without clusterId prints the line to add and sends nothing', async (_, words) => {
  const { exitCode, stderr, codes, broker, isUntouched } = await attempt(words, () => '');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('clusters.trade has no clusterId')]);
  expect(stderr).toContain(`clusterId: { name: "DefaultCluster", brokers: ["broker-a@${broker}"] }`);
  expect(codes.filter((code) => !harmless.has(code))).toEqual([]);
  expect(isUntouched).toBe(true);
});

test.each(commands)('%s of another cluster with the same name is refused with both ids', async (_, words) => {
  const elsewhere = 'clusterId: { name: DefaultCluster, brokers: ["broker-a@10.9.9.9:10911"] }';
  const { exitCode, stderr, codes, broker } = await attempt(words, () => elsewhere);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`clusters.trade.clusterId is DefaultCluster (broker-a@10.9.9.9:10911), and the brokers at`);
  expect(stderr).toContain(`report DefaultCluster (broker-a@${broker}): nothing was changed`);
  expect(codes.filter((code) => !harmless.has(code))).toEqual([]);
});
