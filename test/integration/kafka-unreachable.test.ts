import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clientNames, KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { drivers } from '../../brokers/registry.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { systemClock } from '../../core/clock.ts';
import { ignoreFault } from '../../core/errors.ts';
import { hearCluster } from '../../service/clusters/observed-cluster.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { startKafka, type RunningKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });
const configOf = (over: object) => KafkaClusterConfig.parse({ broker: 'kafka', ...over });

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

describe('an unreachable broker', () => {
  test('is named with its address and the cause', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const config = configOf({ bootstrap: [`127.0.0.1:${port}`] });
    for (const role of [drivers.kafka.inspect, drivers.kafka.traffic, drivers.kafka.administer]) {
      await expect(role('lab', config, io())).rejects.toMatchObject({
        code: 'broker-unreachable',
        message: `cannot reach a broker of cluster lab on 127.0.0.1:${port}: connection refused`,
      });
    }
  });

  test('is skipped for the next bootstrap address, and all are named if none responds', async () => {
    const config = configOf({ bootstrap: ['127.0.0.1:1', '127.0.0.1:2'] });
    await expect(drivers.kafka.inspect('lab', config, io())).rejects.toMatchObject({
      message:
        'cannot reach any broker of cluster lab: 127.0.0.1:1: connection refused; 127.0.0.1:2: connection refused',
    });
  });

  test('that accepts but never responds is abandoned when the signal aborts', async () => {
    const server = createServer(() => {});
    const port = await listening(server);
    const stop = new AbortController();
    const reading = drivers.kafka.inspect('lab', configOf({ bootstrap: [`127.0.0.1:${port}`] }), {
      signal: stop.signal,
    });
    server.once('connection', () => stop.abort(new Error('deadline')));
    await expect(reading).rejects.toThrow('deadline');
    server.close();
  });
});

requires('java', 'maven').describe('a broker that needs credentials', () => {
  let kafka: RunningKafka;
  let saslPort: number;
  /** Proxies clients to the listener that accepts their password, then to one with a changed password. */
  let rotating: FaultProxy;
  let changedPort: number;

  beforeAll(async () => {
    const server = createServer();
    const changed = createServer();
    saslPort = await listening(server);
    changedPort = await listening(changed);
    for (const each of [server, changed]) await new Promise((resolve) => each.close(resolve));
    rotating = await startFaultProxy();
    kafka = await startKafka({
      properties: {
        listeners: `SASL_PLAINTEXT://127.0.0.1:${saslPort},ROTATED://127.0.0.1:${changedPort}`,
        'advertised.listeners': `SASL_PLAINTEXT://${rotating.address},ROTATED://${rotating.address}`,
        'listener.security.protocol.map': 'SASL_PLAINTEXT:SASL_PLAINTEXT,ROTATED:SASL_PLAINTEXT',
        'listener.name.rotated.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_plimsoll="new";',
        'sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.sasl_plaintext.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_plimsoll="right";',
      },
    });
    process.env['PLIMSOLL_TEST_RIGHT'] = 'right';
    process.env['PLIMSOLL_TEST_WRONG'] = 'wrong';
  });
  beforeEach(() => rotating.leadTo(`127.0.0.1:${saslPort}`));
  afterAll(async () => {
    await kafka[Symbol.asyncDispose]();
    await rotating[Symbol.asyncDispose]();
  });

  const withPassword = (name: string, client: string) =>
    configOf({
      bootstrap: [`127.0.0.1:${saslPort}`],
      client,
      sasl: { mechanism: 'plain', username: 'plimsoll', password: `\${env:${name}}` },
    });

  for (const client of clientNames) {
    test(`accepts ${client} with the right password`, async () => {
      await using admin = await drivers.kafka.administer('lab', withPassword('PLIMSOLL_TEST_RIGHT', client), io());
      await admin.createTopic({ name: `let-in-${client}`, partitions: 1, replicationFactor: 1 }, io());
      await using traffic = await drivers.kafka.traffic('lab', withPassword('PLIMSOLL_TEST_RIGHT', client), io());
      await using producer = await traffic.producer({ acks: 'all' });
      await producer.send({ topic: `let-in-${client}`, partition: 0, values: [Buffer.from('x')] }, io());
    });

    test(`refuses ${client} with a wrong password, in one line without the password`, async () => {
      const refused = drivers.kafka.inspect('lab', withPassword('PLIMSOLL_TEST_WRONG', client), io());
      await expect(refused).rejects.toMatchObject({
        code: 'credentials-refused',
        message: expect.stringMatching(/^cannot reach a broker of cluster lab on 127\.0\.0\.1:\d+: (?!.*wrong)[^\n]+$/),
      });
    });
  }

  test('is not down after its password was changed, and is down when nothing responds any more', async () => {
    await using inspector = await drivers.kafka.inspect(
      'lab',
      configOf({
        bootstrap: [rotating.address],
        sasl: { mechanism: 'plain', username: 'plimsoll', password: '${env:PLIMSOLL_TEST_RIGHT}' },
      }),
      io(),
    );
    const { served, hear } = hearCluster(
      {
        name: 'lab',
        broker: 'kafka',
        domains: [],
        shown: { topics: { deny: [] }, groups: { deny: [] } },
        lookUp: () => Promise.reject(new Error('not asked')),
      },
      systemClock,
    );
    const reader = hear(inspector);
    await reader.snapshot(io());
    expect(served.trouble()).toBeUndefined();

    rotating.leadTo(`127.0.0.1:${changedPort}`);
    await rotating.refuse();
    await rotating.accept();
    await reader.snapshot(io());
    expect(served.trouble()).toMatchObject({
      isDown: false,
      reason: expect.stringContaining('SASL_AUTHENTICATION_FAILED'),
    });
    expect(served.presence()).toMatchObject({ answering: [{ id: '1' }], lost: [] });

    await rotating.refuse();
    await reader.snapshot(io()).catch(ignoreFault('the metadata may be too old to be shown'));
    expect(served.trouble()).toMatchObject({ isDown: true });
    expect(served.presence()).toMatchObject({ answering: [], lost: [{ id: '1' }] });
    await rotating.accept();
  });

  test('adds a hint about missing credentials', async () => {
    const config = configOf({ bootstrap: [`127.0.0.1:${saslPort}`] });
    await using inspector = await drivers.kafka.inspect('lab', config, io());
    await expect(inspector.describe(io())).rejects.toMatchObject({
      code: 'broker-unreachable',
      hint: expect.stringContaining('SASL'),
    });
  });

  // Last, because it stops the broker. Every test run includes a load test with a killed broker.
  if (fullMatrix) {
    test('if killed, ends every send as unreachable, and clients can be closed', async () => {
      const topic = 'killed';
      {
        await using admin = await drivers.kafka.administer('lab', configOf({ bootstrap: kafka.bootstrap }), io());
        await admin.createTopic({ name: topic, partitions: 1, replicationFactor: 1 }, io());
      }
      const open = await Promise.all(
        clientNames.map(async (client) => {
          const traffic = await drivers.kafka.traffic('lab', configOf({ bootstrap: kafka.bootstrap, client }), io());
          return {
            client,
            producer: await traffic.producer({ acks: 'all' }),
            consumer: await traffic.consumer({ group: client, topic }),
          };
        }),
      );
      const values = Array.from({ length: 100 }, () => Buffer.alloc(500));
      const { promise: flowing, resolve: flows } = Promise.withResolvers<void>();
      let acknowledged = 0;
      const seats = open.map(() => Promise.withResolvers<void>());
      const consuming = open.map(({ consumer }, index) =>
        consumer
          .run(() => {}, { ...io(), onAssigned: () => seats[index]?.resolve() })
          .then(
            () => 'ended without an error',
            (cause: unknown) => cause,
          ),
      );
      await Promise.all(seats.map(({ promise }) => promise));
      const sending = open.map(async ({ producer }) => {
        for (;;) {
          await producer.send({ topic, partition: 0, values }, io());
          acknowledged += 1;
          if (acknowledged > 50) flows();
        }
      });
      const outcomes = Promise.allSettled(sending);
      await flowing;
      process.kill(kafka.brokers[0]?.pid ?? Number.NaN, 'SIGKILL');
      for (const outcome of await outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'broker-unreachable' } });
      }
      for (const fault of await Promise.all(consuming)) expect(fault).toMatchObject({ code: 'broker-unreachable' });
      for (const { producer, consumer } of open) {
        await producer[Symbol.asyncDispose]();
        await consumer[Symbol.asyncDispose]();
      }
    });
  }
});

// The quick run covers a hung broker in its fault tests.
if (fullMatrix) {
  requires('java', 'maven').test(
    'one stopped broker of three affects only its part; the rest of the snapshot is fresh',
    async () => {
      await using kafka = await startKafka({ brokers: 3 });
      const [first, ...others] = kafka.brokers;
      if (first === undefined) throw new Error('the lab started no broker');
      const config = configOf({ bootstrap: [first.address] });
      const topic = 'spread';
      {
        await using admin = await drivers.kafka.administer('lab', config, io());
        await admin.createTopic({ name: topic, partitions: 3, replicationFactor: 1 }, io());
      }
      await using inspector = await drivers.kafka.inspect('lab', config, io());
      const before = await inspector.snapshot(io());
      expect(offsetsOf(before, topic)).toHaveLength(3);
      // While the leader of the controllers is suspended, no broker has quorum information: that is another fault.
      const stopped = others.find(({ id }) => id !== before.kafka?.quorum?.leader);
      if (stopped === undefined) throw new Error('the lab started fewer brokers');
      process.kill(stopped.pid, 'SIGSTOP');
      try {
        const decided = await inspector.snapshot(io(), { topics: [topic] });
        expect(offsetsOf(decided, topic)).toHaveLength(2);
        expect(decided.sections).toContainEqual(
          expect.objectContaining({ section: 'offsets', broker: stopped.id, kind: 'missing' }),
        );

        // The scrape shows its last values: by its metadata it still leads.
        const shown = await inspector.snapshot(io());
        expect(offsetsOf(shown, topic)).toHaveLength(3);
        const old = shown.sections.filter(({ kind }) => kind !== 'fresh');
        expect(old.map(({ section }) => section).sort()).toEqual(['commits', 'groups', 'offsets']);
        expect(old).toEqual(
          old.map(() =>
            expect.objectContaining({
              broker: stopped.id,
              kind: 'kept',
              reason: expect.stringContaining(stopped.address),
            }),
          ),
        );
        expect(old.every(({ ageSeconds = 0 }) => ageSeconds > 0)).toBe(true);
      } finally {
        process.kill(stopped.pid, 'SIGCONT');
      }
    },
  );
}

const offsetsOf = ({ offsets }: ClusterSnapshot, name: string) => offsets.filter(({ topic }) => topic === name);
