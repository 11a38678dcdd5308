import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { rocketmqDriver } from '../../brokers/rocketmq/driver.ts';
import {
  encodeGetBrokerRuntimeInfo,
  parseGetBrokerRuntimeInfo,
} from '../../brokers/rocketmq/protocol/broker-requests.ts';
import { encodeGetClusterInfo, parseGetClusterInfo } from '../../brokers/rocketmq/protocol/name-server-requests.ts';
import { encodeGetAllTopicConfig, parseGetAllTopicConfig } from '../../brokers/rocketmq/protocol/topic-requests.ts';
import { createRemotingClient, type RemotingOptions } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { SecretReference } from '../../core/secret.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq, type RocketmqRequest, type RunningRocketmq } from '../support/rocketmq.ts';

const patience = () => ({ signal: AbortSignal.timeout(30_000) });
const clientOf = (config: RemotingOptions['config']) => createRemotingClient({ name: 'shop', config });

async function faultOf(work: Promise<unknown>) {
  try {
    await work;
  } catch (fault) {
    const { code, message, hint } = fault as { code?: string; message: string; hint?: string };
    return { code, message, hint };
  }
  throw new Error('it was answered');
}

const askCluster = async (client: ReturnType<typeof clientOf>, address: string) =>
  parseGetClusterInfo(await client.ask(address, encodeGetClusterInfo(), patience()));
const askRuntime = async (client: ReturnType<typeof clientOf>, address: string) =>
  parseGetBrokerRuntimeInfo(await client.ask(address, encodeGetBrokerRuntimeInfo(), patience()));
/** In its first second a broker has no sample of its rates, and responds with a NoSuchElementException. */
const releaseOf = (client: ReturnType<typeof clientOf>, address: string) =>
  vi.waitFor(async () => (await askRuntime(client, address)).get('brokerVersionDesc'), {
    timeout: 30_000,
    interval: 100,
  });

/** All tests on one cluster, and in the full matrix also separately on others. */
const labs: readonly RocketmqRequest[] = [
  { version: '4.9.7', acl: true, tls: true },
  ...(fullMatrix
    ? ([
        { version: '4.9.7', acl: true },
        { version: '5.3.3', tls: true },
      ] as const)
    : []),
];

for (const request of labs) {
  const { version = '', acl = false, tls = false } = request;
  const release = `V${version.replaceAll('.', '_')}`;
  const says = [...(acl ? ['checks access keys'] : []), ...(tls ? ['accepts only TLS'] : [])].join(' and ');
  requires('java', 'maven').describe(`a ${version} cluster that ${says}`, () => {
    let lab: RunningRocketmq;
    const nameServer = () => lab.namesrv[0] ?? '';
    const broker = () => lab.brokers[0]?.address ?? '';

    beforeAll(async () => {
      lab = await startRocketmq(request);
    });
    afterAll(() => lab[Symbol.asyncDispose]());

    if (acl) {
      test('a signed client reads brokers, topics and runtime figures', async () => {
        await using client = clientOf(lab.config);
        expect(await askCluster(client, nameServer())).toMatchObject([{ addresses: new Map([[0, broker()]]) }]);
        const page = encodeGetAllTopicConfig({ from: 0, most: 1000 });
        const { rows } = parseGetAllTopicConfig(await client.ask(broker(), page, patience()));
        expect(rows.map(({ name }) => name)).toContain('SCHEDULE_TOPIC_XXXX');
        expect(await releaseOf(client, broker())).toBe(release);
      });

      test('a thousand concurrent requests each get their own response', async () => {
        await using client = clientOf(lab.config);
        const ask = (queueId: number) =>
          client.ask(broker(), { code: 30, fields: { topic: 'none', queueId: String(queueId) } }, patience());
        const answers = await Promise.all(Array.from({ length: 1000 }, (_, queueId) => ask(queueId)));
        expect(answers.filter(({ code, fields }) => code === 0 && fields['offset'] === '0')).toHaveLength(1000);
      });

      test('a wrong key and a missing key are errors about credentials', async () => {
        vi.stubEnv('PLIMSOLL_TEST_SECRET_KEY', 'not-the-secret-key');
        const secretKey = new SecretReference('env', 'PLIMSOLL_TEST_SECRET_KEY');
        const { credentials, ...unnamed } = lab.config;
        const accessKey = credentials?.accessKey ?? '';
        await using wrong = clientOf({ ...unnamed, credentials: { accessKey, secretKey } });
        await using none = clientOf(unnamed);
        const refused = { code: 'credentials-refused', hint: expect.stringContaining('credentials') as string };
        expect(await Promise.all([wrong, none].map((client) => faultOf(askRuntime(client, broker()))))).toMatchObject([
          { ...refused, message: expect.stringContaining('Check signature failed') as string },
          { ...refused, message: expect.stringContaining('No accessKey is configured') as string },
        ]);
      });

      test("a hung connection ends with the caller's signal, and the next request uses a new one", async () => {
        await using proxy = await startFaultProxy();
        proxy.leadTo(nameServer());
        await using client = clientOf(lab.config);
        await askCluster(client, proxy.address);
        proxy.set({ kind: 'black-hole' });
        const signal = AbortSignal.timeout(1500);
        await expect(client.ask(proxy.address, encodeGetClusterInfo(), { signal })).rejects.toThrow(
          'aborted due to timeout',
        );
        proxy.set({ kind: 'none' });
        expect(await askCluster(client, proxy.address)).toHaveLength(1);
      });

      test.each(['reset', 'cut'] as const)(
        'a connection that ends in the middle of a response (%s) is an error with address and cause',
        async (kind) => {
          await using proxy = await startFaultProxy();
          proxy.leadTo(nameServer());
          await using client = clientOf(lab.config);
          await askCluster(client, proxy.address);
          proxy.set({ kind, afterBytes: 20 }, 'to-client');
          expect(await faultOf(askCluster(client, proxy.address))).toMatchObject({
            code: 'broker-unreachable',
            message: expect.stringMatching(
              `^cannot reach ${proxy.address} of cluster shop: the connection was (reset|closed)$`,
            ) as string,
          });
          proxy.set({ kind: 'none' }, 'to-client');
          expect(await askCluster(client, proxy.address)).toHaveLength(1);
        },
      );
    }

    if (tls) {
      test('can be read with the certificate authority of the cluster', async () => {
        await using client = clientOf(lab.config);
        const [broker] = await askCluster(client, nameServer());
        expect(await releaseOf(client, broker?.addresses.get(0) ?? '')).toBe(release);
      });

      test('shows the expiry of the certificates of its name server and broker', async () => {
        await using inspector = await rocketmqDriver.inspect('shop', lab.config, patience());
        const { certificates = [] } = await inspector.snapshot(patience());
        expect(certificates.map(({ address }) => address)).toEqual([nameServer(), broker()]);
        for (const { expiresAtMs } of certificates) {
          expect(Math.round((expiresAtMs - Date.now()) / 86_400_000)).toBe(365);
        }
      });

      test('a client without TLS or without the certificate authority gets an error with a hint', async () => {
        await using plain = clientOf({});
        expect(await faultOf(askCluster(plain, nameServer()))).toMatchObject({
          code: 'broker-unreachable',
          message: `cannot reach ${nameServer()} of cluster shop: the listener speaks TLS only`,
          hint: 'add `tls` under clusters.<name>',
        });
        await using stranger = clientOf({ ...lab.config, tls: { verify: true } });
        expect(await faultOf(askCluster(stranger, nameServer()))).toMatchObject({
          message: expect.stringContaining('add it to tls.ca') as string,
        });
      });
    }
  });
}

requires('java', 'maven').test('a Kafka broker used as name server is reported as such', async () => {
  await using kafka = await startKafka();
  const address = kafka.bootstrap[0] ?? '';
  await using client = clientOf({});
  expect(await faultOf(askCluster(client, address))).toMatchObject({
    message: `cannot reach ${address} of cluster shop: a Kafka broker listens on this port`,
  });
});

test('an HTTP server used as name server is reported as such', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await using client = clientOf({});
    expect(await faultOf(askCluster(client, `127.0.0.1:${(server.address() as AddressInfo).port}`))).toMatchObject({
      message: expect.stringContaining('this is an HTTP server, not RocketMQ') as string,
    });
  } finally {
    server.close();
  }
});
