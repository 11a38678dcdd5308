import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { clientNames, KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { kafkaListenerNames, type KafkaListener } from '../../../lab/kafka/listener.ts';
import { startKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

interface Case {
  listener: KafkaListener;
  version: string;
}

const cases: Case[] = fullMatrix
  ? ['4.3.1', '3.9.2', '2.8.2'].flatMap((version) => kafkaListenerNames.map((listener) => ({ version, listener })))
  : [{ version: '4.3.1', listener: 'mtls' }];

/** The config that the lab wrote, changed so that the listener refuses it. */
const strangers: Record<KafkaListener, (cluster: Record<string, unknown>) => Record<string, unknown>> = {
  'sasl-plain': withWrongPassword,
  'sasl-scram': withWrongPassword,
  tls: (cluster) => ({ ...cluster, tls: undefined }),
  mtls: ({ tls, ...rest }) => ({ ...rest, tls: { ca: (tls as { ca: string }).ca } }),
};

function withWrongPassword({ sasl, ...rest }: Record<string, unknown>) {
  process.env['PLIMSOLL_TEST_WRONG_PASSWORD'] = 'wrong';
  return { ...rest, sasl: { ...(sasl as object), password: '${env:PLIMSOLL_TEST_WRONG_PASSWORD}' } };
}

async function brokersSeenBy(cluster: Record<string, unknown>) {
  const signal = AbortSignal.timeout(30_000);
  await using inspector = await kafkaDriver.inspect('lab', KafkaClusterConfig.parse(cluster), { signal });
  return (await inspector.describe({ signal })).brokers.map(({ id }) => id);
}

async function daysOfCertificates(cluster: Record<string, unknown>) {
  const signal = AbortSignal.timeout(30_000);
  await using inspector = await kafkaDriver.inspect('lab', KafkaClusterConfig.parse(cluster), { signal });
  const { certificates = [] } = await inspector.snapshot({ signal });
  return certificates.map(({ expiresAtMs }) => Math.round((expiresAtMs - Date.now()) / 86_400_000));
}

requires('java', 'maven', 'openssl').describe('a Kafka lab that requires authentication', () => {
  describe.each(cases)('Kafka $version, $listener', ({ version, listener }) => {
    test('both clients connect with the written config, and an unauthorized client cannot', async () => {
      await using kafka = await startKafka({ version, listener });
      const written = parse(readFileSync(kafka.configPath, 'utf8')) as { clusters: { lab: Record<string, unknown> } };
      const { lab } = written.clusters;
      expect(await daysOfCertificates(lab)).toEqual('tls' in lab ? [365] : []);
      for (const client of clientNames) {
        expect(await brokersSeenBy({ ...lab, client }), client).toEqual(['1']);
        await expect(brokersSeenBy({ ...strangers[listener](lab), client }), client).rejects.toMatchObject({
          exitCode: 5,
        });
      }
    });
  });
});
