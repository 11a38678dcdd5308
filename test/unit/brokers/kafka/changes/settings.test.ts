import { expect, test } from 'vitest';
import { readSettingsOf, type Configured } from '../../../../../brokers/kafka/changes/settings.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

const io = { signal: new AbortController().signal };

/** A broker that reports one setting with each source that Kafka has: topic, broker, all brokers, file, default. */
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
])('of %j, what it inherits is not its own, such as what a running broker was given', async (of, own) => {
  const settings = await readSettingsOf(broker(), of, undefined, io);
  expect([...settings].filter(([, { isOwn }]) => isOwn).map(([name]) => name)).toEqual([own]);
});
