// Checks the message and hint for wrong ports, protocols, mechanisms and passwords.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { readZooKeeper } from '../../brokers/kafka/zookeeper/monitor.ts';
import type { AppError } from '../../core/errors.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { brokerJars } from '../../lab/broker-jars.ts';
import { freePorts } from '../../lab/free-port.ts';
import { kafkaRelease } from '../../lab/kafka/release.ts';
import { findJava } from '../../lab/prerequisites.ts';
import { rocketmqRelease } from '../../lab/rocketmq/release.ts';
import { startKafka, type RunningKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(30_000) });
process.env['PLIMSOLL_TEST_SECRET'] = 'wrong';

/** Reads like the exporter, and connects like the load generator. @returns message and hint, which must be equal */
async function told(address: string, over: object = {}): Promise<{ message: string; hint: string }> {
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [address], ...over });
  const refusals = await Promise.all(
    [kafkaDriver.inspect, kafkaDriver.traffic].map(async (role) => {
      try {
        await using opened = await role('lab', config, io());
        if ('describe' in opened) await opened.describe(io());
        throw new Error('it was let in');
      } catch (cause) {
        const { message, hint } = cause as AppError;
        return { message, hint };
      }
    }),
  );
  const [first] = refusals;
  expect(new Set(refusals.map(({ message }) => message)).size).toBe(1);
  if (first === undefined) throw new Error('nobody was asked');
  return first;
}

const sasl = (mechanism: string) =>
  mechanism === 'oauthbearer'
    ? { mechanism, token: '${env:PLIMSOLL_TEST_SECRET}' }
    : { mechanism, username: 'me', password: '${env:PLIMSOLL_TEST_SECRET}' };

test('an HTTP server on the port is named in the error', async () => {
  const server = createServer((_request, response) => response.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await told(address)).toEqual({
    message: `cannot reach a broker of cluster lab on ${address}: an HTTP server listens on this port`,
    hint: expect.stringContaining("use the port of the broker's listener (default 9092"),
  });
  server.close();
});

requires('java', 'maven', 'openssl').describe('a broker with a listener of each kind', () => {
  let kafka: RunningKafka;
  let plain: string;
  let withPassword: string;

  beforeAll(async () => {
    const [saslPort, plainPort] = await freePorts(2);
    plain = `127.0.0.1:${plainPort}`;
    withPassword = `127.0.0.1:${saslPort}`;
    kafka = await startKafka({
      listener: 'tls',
      properties: {
        listeners: `PASSWORD://${withPassword},PLAIN://${plain}`,
        'listener.security.protocol.map': 'PASSWORD:SASL_PLAINTEXT,PLAIN:PLAINTEXT',
        'listener.name.password.sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
        'listener.name.password.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_me="right";',
        'listener.name.password.scram-sha-512.sasl.jaas.config':
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      },
    });
  });
  afterAll(async () => kafka[Symbol.asyncDispose]());

  test('plain text on a TLS port results in a hint to add `tls`', async () => {
    const [address = ''] = kafka.bootstrap;
    expect(await told(address)).toEqual({
      message: `cannot reach a broker of cluster lab on ${address}: the listener speaks TLS`,
      hint: expect.stringContaining('`tls`'),
    });
  });

  test('TLS on a plain port results in a hint to remove `tls`', async () => {
    expect(await told(plain, { tls: {} })).toEqual({
      message: `cannot reach a broker of cluster lab on ${plain}: the listener does not speak TLS`,
      hint: expect.stringContaining('remove `tls` of the cluster'),
    });
  });

  test('an unsupported mechanism is an error with the supported ones', async () => {
    for (const mechanism of ['scram-sha-256', 'oauthbearer']) {
      const { message, hint } = await told(withPassword, { sasl: sasl(mechanism) });
      expect(message).toMatch(/UNSUPPORTED_SASL_MECHANISM/);
      expect(hint).toMatch(/the listener supports .*(PLAIN.*SCRAM-SHA-512|SCRAM-SHA-512.*PLAIN)/);
    }
  });

  test('a wrong password is reported as such, with PLAIN and SCRAM, and not printed', async () => {
    for (const mechanism of ['plain', 'scram-sha-512']) {
      const { message, hint } = await told(withPassword, { sasl: sasl(mechanism) });
      expect(message).toMatch(/SASL_AUTHENTICATION_FAILED|refused the user or the password/);
      expect(hint).toContain('check user, password and mechanism');
      expect(message).not.toContain('wrong');
    }
  });

  test('credentials for a listener without authentication give a hint to remove `sasl`', async () => {
    const { hint } = await told(plain, { sasl: sasl('plain') });
    expect(hint).toContain('remove `sasl` of the cluster');
  });
});

if (fullMatrix) {
  requires('java', 'maven').describe('a port of another program', () => {
    const servers: (() => Promise<void>)[] = [];
    afterAll(async () => {
      for (const stop of servers) await stop();
    });

    /** @returns the address, once the process listens */
    async function startJava(lib: string, words: readonly string[], port: number): Promise<string> {
      const java = await findJava({ ...io(), environment: process.env });
      const child = spawn(java, ['-Xmx96m', '-cp', join(lib, '*'), ...words], { stdio: 'ignore' });
      servers.push(async () => {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      });
      const address = `127.0.0.1:${port}`;
      await expect
        .poll(() => told(address).then(({ message }) => message), { timeout: 60_000, interval: 500 })
        .toContain('listens there');
      return address;
    }

    const jarsOf = (release: Parameters<typeof brokerJars>[0]) =>
      brokerJars(release, join(cacheFolder(process.env), 'lab'), {
        ...io(),
        signal: new AbortController().signal,
        environment: process.env,
        progress: () => undefined,
      });

    async function inFolder(files: Record<string, string>): Promise<string> {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-port-'));
      servers.push(() => rm(folder, { recursive: true, force: true }));
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      return folder;
    }

    describe('ZooKeeper', () => {
      test('ZooKeeper is named in the error, and is monitored as far as it allows', async () => {
        const lib = await jarsOf(kafkaRelease('2.8.2'));
        const [open = 0, closed = 0] = await freePorts(2);
        const settings = (port: number, allowed: string) =>
          `clientPort=${port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n${allowed}`;
        const folder = await inFolder({
          'open.cfg': settings(open, '4lw.commands.whitelist=mntr\n'),
          'closed.cfg': settings(closed, ''),
        });
        const start = async (name: string, port: number) => {
          const config = join(folder, `${name}.cfg`);
          await writeFile(config, `dataDir=${join(folder, name)}\n`, { flag: 'a' });
          return startJava(lib, ['org.apache.zookeeper.server.ZooKeeperServerMain', config], port);
        };
        const [talkative, reserved] = await Promise.all([start('open', open), start('closed', closed)]);
        expect(await told(reserved)).toEqual({
          message: `cannot reach a broker of cluster lab on ${reserved}: a ZooKeeper server listens on this port`,
          hint: expect.stringContaining('use the address of a broker'),
        });
        const isServing = async () => {
          const servers = await Promise.allSettled([readZooKeeper(reserved, io()), readZooKeeper(talkative, io())]);
          return servers.every(({ status }) => status === 'fulfilled');
        };
        await expect.poll(isServing, { timeout: 30_000 }).toBe(true);
        expect(await readZooKeeper(reserved, io())).toMatchObject({
          state: 'standalone',
          outstandingRequests: 0,
          averageLatencyMs: expect.any(Number),
          znodes: expect.any(Number),
        });
        expect(await readZooKeeper(talkative, io())).toMatchObject({
          state: 'standalone',
          watches: 0,
          connections: expect.any(Number),
        });
      }, 120_000);
    });

    describe('RocketMQ', () => {
      test('a RocketMQ name server is reported, with the config section to use', async () => {
        const lib = await jarsOf(rocketmqRelease('5.3.3'));
        const [port = 0] = await freePorts(1);
        const home = await inFolder({ 'namesrv.properties': `listenPort=${port}\n` });
        const address = await startJava(
          lib,
          [
            `-Drocketmq.home.dir=${home}`,
            `-Duser.home=${home}`,
            'org.apache.rocketmq.namesrv.NamesrvStartup',
            '-c',
            join(home, 'namesrv.properties'),
          ],
          port,
        );
        expect(await told(address)).toEqual({
          message: `cannot reach a broker of cluster lab on ${address}: a RocketMQ server listens on this port`,
          hint: expect.stringContaining('broker: rocketmq'),
        });
      }, 120_000);
    });
  });
}
