// Connects with valid and invalid OAUTHBEARER tokens.

import { describe, expect, vi } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { toAppError } from '../../brokers/kafka/errors.ts';
import { createKafkajs } from '../../brokers/kafka/kafkajs/connect.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { freePorts } from '../../lab/free-port.ts';
import { unsecuredToken } from '../support/oauth-token.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });

if (fullMatrix)
  describe('SASL OAUTHBEARER', () => {
    requires('java', 'maven').test(
      'a valid token can read the cluster, and an expired one is refused as credentials',
      async () => {
        const [port = 0] = await freePorts(1);
        await using kafka = await startKafka({
          properties: {
            listeners: `SASL_PLAINTEXT://127.0.0.1:${port}`,
            'listener.security.protocol.map': 'SASL_PLAINTEXT:SASL_PLAINTEXT',
            'sasl.enabled.mechanisms': 'OAUTHBEARER',
            'listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config':
              'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
          },
        });
        expect(kafka.bootstrap).toHaveLength(1);
        vi.stubEnv('PLIMSOLL_TEST_TOKEN', unsecuredToken(3600));
        vi.stubEnv('PLIMSOLL_TEST_OLD_TOKEN', unsecuredToken(-3600));
        const configWith = (name: string) =>
          KafkaClusterConfig.parse({
            broker: 'kafka',
            bootstrap: [`127.0.0.1:${port}`],
            sasl: { mechanism: 'oauthbearer', token: `\${env:${name}}` },
          });
        await using inspector = await kafkaDriver.inspect('lab', configWith('PLIMSOLL_TEST_TOKEN'), io());
        const { sections, cluster } = await inspector.snapshot(io());
        expect(cluster.brokers).toHaveLength(1);
        expect(sections.filter(({ kind }) => kind !== 'fresh')).toEqual([]);
        const refused = {
          code: 'credentials-refused',
          message: expect.stringMatching(/refused the OAUTHBEARER token: .*it expired at \d{4}-/) as string,
          hint: expect.stringMatching(/^get a new token: .*clocks/) as string,
        };
        const old = configWith('PLIMSOLL_TEST_OLD_TOKEN');
        await expect(kafkaDriver.inspect('lab', old, io())).rejects.toMatchObject(refused);
        await expect(kafkaDriver.traffic('lab', old, io())).rejects.toMatchObject(refused);
        // The client of old brokers, after the first connection, which both clients share.
        const address = `127.0.0.1:${port}`;
        const patience = { connectMs: 5000, requestMs: 10_000 };
        const withKafkajs = async (name: string) => {
          const admin = createKafkajs(configWith(name), patience, 0).admin();
          try {
            await admin.connect();
            return (await admin.describeCluster()).brokers.length;
          } catch (cause) {
            throw toAppError(cause, { action: 'connect', address });
          } finally {
            await admin.disconnect();
          }
        };
        expect(await withKafkajs('PLIMSOLL_TEST_TOKEN')).toBe(1);
        await expect(withKafkajs('PLIMSOLL_TEST_OLD_TOKEN')).rejects.toMatchObject(refused);
      },
      120_000,
    );
  });
