// Connects with valid and invalid OAUTHBEARER tokens.

import { describe, expect, vi } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { freePorts } from '../../lab/free-port.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });

/** An unsecured token (RFC 7519 §6), which Kafka's own validator accepts until it expires. */
function tokenUntil(expiresInSeconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: 'plimsoll', iat: now - 7200, exp: now + expiresInSeconds })}.`;
}

if (fullMatrix)
  describe('SASL OAUTHBEARER', () => {
    requires('java', 'maven').test(
      'a token that is valid reads the cluster, and one that has expired is refused as credentials',
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
        vi.stubEnv('PLIMSOLL_TEST_TOKEN', tokenUntil(3600));
        vi.stubEnv('PLIMSOLL_TEST_OLD_TOKEN', tokenUntil(-3600));
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
        await expect(kafkaDriver.inspect('lab', configWith('PLIMSOLL_TEST_OLD_TOKEN'), io())).rejects.toMatchObject({
          code: 'credentials-refused',
        });
      },
      120_000,
    );
  });
