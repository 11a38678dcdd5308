import { expect, test } from 'vitest';
import { alterSettingsOf, readSettingsOf, type Configured } from '../../../../../brokers/kafka/changes/settings.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

const io = { signal: new AbortController().signal };

/** A broker that reports one setting per source in Kafka: topic, broker, all brokers, file, default. */
function broker(): Link {
  const configs = [1, 2, 3, 4, 5].map((configSource) => ({
    name: `source-${configSource}`,
    value: '1',
    readOnly: false,
    configSource,
    isSensitive: false,
  }));
  const ask = (async () => ({ results: [{ errorCode: 0, configs }] })) as unknown as Link['ask'];
  const ranges = new Map([['DescribeConfigs', { min: 0, max: 4 }]]);
  return { address: 'b:9092', ranges, ask, askForParts: ask };
}

test.each<[Configured, string]>([
  [{ kind: 'topic', name: 'orders' }, 'source-1'],
  [{ kind: 'broker', name: '3' }, 'source-2'],
  [{ kind: 'broker', name: '' }, 'source-3'],
])('only settings set on %j itself count as own, not inherited ones', async (of, own) => {
  const settings = await readSettingsOf(broker(), of, undefined, io);
  expect([...settings].filter(([, { isOwn }]) => isOwn).map(([name]) => name)).toEqual([own]);
});

/** A broker that refuses a value of IncrementalAlterConfigs. */
function refusing(errorCode: number, errorMessage: string): Link {
  const ask = (async () => ({ responses: [{ errorCode, errorMessage }] })) as unknown as Link['ask'];
  const ranges = new Map([['IncrementalAlterConfigs', { min: 0, max: 1 }]]);
  return { address: 'b:9092', ranges, ask, askForParts: ask };
}

test('a value refused by a broker is a usage error that names what to correct', async () => {
  const link = refusing(40, 'Invalid value 1d for configuration retention.ms: Not a number of type LONG');
  const orders = { kind: 'topic', name: 'orders' } as const;
  const change = (validateOnly: boolean) =>
    alterSettingsOf(link, orders, { 'retention.ms': '1d' }, io, { validateOnly });
  await expect(change(true)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('INVALID_CONFIG, Invalid value 1d') as string,
    hint: expect.stringContaining('plain numbers') as string,
  });
  await expect(change(false)).rejects.toMatchObject({ code: 'broker-refused' });
});

test('min.insync.replicas of one broker is refused with the other ways to set it (Kafka 4.1 with ELR)', async () => {
  const link = refusing(40, 'Broker-level min.insync.replicas cannot be altered while ELR is enabled.');
  const settings = { 'min.insync.replicas': '1' };
  const changed = alterSettingsOf(link, { kind: 'broker', name: '2' }, settings, io, { validateOnly: true });
  await expect(changed).rejects.toMatchObject({ hint: expect.stringContaining('--all-brokers') as string });
});
