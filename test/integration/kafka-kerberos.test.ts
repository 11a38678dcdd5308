// Authenticates to a real Kafka with tickets of a real KDC, with both clients, and checks the message of each refusal.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { freePorts } from '../../lab/free-port.ts';
import { startKafka } from '../support/kafka.ts';
import { realm, startKdc } from '../support/kdc.ts';
import { npmPackage } from '../support/npm-package.ts';
import { plimsoll } from '../support/plimsoll.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

if (fullMatrix)
  requires('java', 'maven', 'kdc', 'faketime').test(
    'a keytab works for reading and a load test; without a valid ticket the error has a hint',
    async () => {
      const modules = await npmPackage('kerberos@7.0.0');
      await using kdc = await startKdc();
      const brokerKeytab = await kdc.addPrincipal('kafka/localhost');
      const keytab = await kdc.addPrincipal('plimsoll');
      const [port = 0] = await freePorts(1);
      const login = `com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true isInitiator=false keyTab="${brokerKeytab}" principal="kafka/localhost@${realm}";`;
      await using kafka = await startKafka({
        jvmOptions: [`-Djava.security.krb5.conf=${kdc.config}`],
        properties: {
          listeners: `SASL_PLAINTEXT://localhost:${port}`,
          'listener.security.protocol.map': 'SASL_PLAINTEXT:SASL_PLAINTEXT',
          'sasl.enabled.mechanisms': 'GSSAPI',
          'sasl.kerberos.service.name': 'kafka',
          'listener.name.sasl_plaintext.gssapi.sasl.jaas.config': login,
        },
      });
      expect(kafka.bootstrap).toHaveLength(1);
      const { clusters } = z
        .object({ clusters: z.object({ lab: z.object({ clusterId: z.string() }) }) })
        .parse(parse(await readFile(kafka.configPath, 'utf8')));
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-kerberos-'));
      await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
      const configWith = async (sasl: object, more: object = {}) => {
        const path = join(folder, 'plimsoll.yaml');
        const lab = {
          broker: 'kafka',
          bootstrap: [`localhost:${port}`],
          sasl: { mechanism: 'gssapi', ...sasl },
          ...more,
        };
        await writeFile(path, JSON.stringify({ clusters: { lab } }));
        return path;
      };
      const base = { NODE_PATH: modules, KRB5_CONFIG: kdc.config, KRB5CCNAME: join(folder, 'absent') };
      // MIT Kerberos stores the ticket of the keytab in the cache.
      const withKeytab = { ...base, KRB5_CLIENT_KTNAME: keytab, KRB5CCNAME: join(folder, 'cache') };
      const ask = async (path: string, environment: NodeJS.ProcessEnv, ...words: string[]) =>
        plimsoll([...words, '--config', path], { environment, cwd: folder });

      for (const client of ['platformatic', 'kafkajs']) {
        const path = await configWith({}, { client });
        const { stdout, stderr, exitCode } = await ask(path, withKeytab, 'get', 'brokers', '--json');
        expect(exitCode, stderr).toBe(0);
        expect(stdout).toContain(`localhost:${port}`);
      }

      const { clusterId } = clusters.lab;
      const loadTest = { window: 'always', maxTps: 500, maxNicShare: 0.9, topicPrefix: 'plimsoll-', approver: 'test' };
      for (const client of ['platformatic', 'kafkajs']) {
        const path = await configWith({}, { client, clusterId, loadTest });
        const workload = join(folder, 'workload.yaml');
        const steps = { kind: 'steps', rates: [50], stepDuration: '3s' };
        await writeFile(workload, JSON.stringify({ messageSize: '100B', groups: 1, warmUp: '1s', profile: steps }));
        const words = ['run', workload, '--accept-blind', '--no-calibration', '--json', '--out', join(folder, client)];
        const { stdout, stderr, exitCode } = await ask(path, withKeytab, ...words);
        expect(exitCode, stderr).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({ steps: [{ targetTps: 50, failedSends: 0 }] });
      }

      const path = await configWith({});
      const refused = async (environment: NodeJS.ProcessEnv, config = path) => {
        const { exitCode, stderr } = await ask(config, environment, 'get', 'brokers');
        expect(exitCode).toBe(5);
        return stderr;
      };
      expect(await refused(base)).toMatch(/no Kerberos ticket for kafka@localhost.*\n.*kinit/s);

      const cache = await kdc.ticket('plimsoll', keytab, '1s');
      await delay(2500);
      expect(await refused({ ...base, KRB5CCNAME: cache })).toMatch(/expired.*KRB5_CLIENT_KTNAME/is);

      const stranger = await configWith({ serviceName: 'queue' });
      expect(await refused(withKeytab, stranger)).toMatch(
        /queue@localhost.*not found in Kerberos database.*serviceName/is,
      );

      const foreign = await configWith({ principal: 'plimsoll@ELSEWHERE.TEST' });
      expect(await refused({ ...withKeytab, KRB5CCNAME: join(folder, 'foreign') }, foreign)).toMatch(
        /ELSEWHERE\.TEST.*\n.*realm.*klist -k/is,
      );
      const mistaken = join(folder, 'krb5.conf');
      const whole = await readFile(kdc.config, 'utf8');
      await writeFile(mistaken, whole.replace(`localhost = ${realm}`, 'localhost = ELSEWHERE.TEST'));
      expect(await refused({ ...withKeytab, KRB5_CONFIG: mistaken }, await configWith({}))).toMatch(
        /ELSEWHERE\.TEST.*\n.*domain_realm/is,
      );

      // Sets the clocks of this machine and of the broker 20 minutes ahead of the KDC's. First with a ticket of `kinit` from before:
      const behind = await kdc.behind('20m');
      const ofBefore = {
        ...base,
        KRB5_CONFIG: behind.config,
        KRB5CCNAME: await behind.ticket('plimsoll', keytab, '2h'),
      };
      expect(await refused(ofBefore, await configWith({}))).toMatch(/clock skew.*\n.*NTP/is);
      const ofLater = { ...ofBefore, KRB5CCNAME: await kdc.ticket('plimsoll', keytab, '2h') };
      expect(await refused(ofLater, await configWith({}))).toMatch(/not yet valid.*\n.*NTP/is);
      // A keytab gets its ticket by the clock of the KDC (kdc_timesync, on by default), which the broker then compares with its own.
      const corrected = { ...withKeytab, KRB5_CONFIG: behind.config, KRB5CCNAME: join(folder, 'corrected') };
      for (const client of ['platformatic', 'kafkajs']) {
        expect(await refused(corrected, await configWith({}, { client })), client).toMatch(
          /broker localhost refused the Kerberos ticket.*\n.*clock.*NTP/is,
        );
      }
      const unsynchronized = join(folder, 'no-timesync.conf');
      const [section = ''] = whole.split('\n');
      const late = await readFile(behind.config, 'utf8');
      await writeFile(unsynchronized, late.replace(section, `${section}\n  kdc_timesync = 0`));
      expect(
        await refused(
          { ...corrected, KRB5_CONFIG: unsynchronized, KRB5CCNAME: join(folder, 'uncorrected') },
          await configWith({}),
        ),
      ).toMatch(/clock skew.*\n.*NTP/is);

      await kdc.stop();
      expect(await refused({ ...withKeytab, KRB5CCNAME: join(folder, 'late') })).toMatch(
        /cannot contact any KDC.*\n.*krb5\.conf/is,
      );

      const absent = await refused({ ...withKeytab, NODE_PATH: '' }, await configWith({}));
      expect(absent).toMatch(
        /needs the npm package kerberos@7\.0\.0, which is not installed.*npm install kerberos@7\.0\.0/s,
      );
    },
    240_000,
  );
