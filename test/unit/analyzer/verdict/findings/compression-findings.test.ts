import { expect, test } from 'vitest';
import type { TopicConfig } from '../../../../../brokers/kafka/reading/topic-configs.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { recordedSettings } from '../../../../../app/load-test/recorded-settings.ts';
import { policy, recordedRun } from '../../../../support/go-case.ts';

/** As read from Kafka 4.3.1; `ownCodec` is a `compression.type` that is set on the topic. */
const topics: readonly TopicConfig[] = [
  { topic: 'orders', retentionMs: 259_200_000n, cleanupPolicy: 'delete', ownCodec: 'zstd' },
  { topic: 'audit', retentionMs: 604_800_000n, cleanupPolicy: 'delete' },
];

interface Given {
  others?: readonly TopicConfig[];
  otherNames?: readonly string[];
  ofBrokers?: string;
  code?: string;
}

function found(
  compression: string,
  { others = topics, otherNames = [], ofBrokers = 'producer', code: wanted = 'compression-differs' }: Given = {},
) {
  const run = recordedRun();
  const values = new Map([['compression.type', ofBrokers]]);
  const settings = recordedSettings(
    { processes: [{ of: 'broker', id: '1', values }], notices: [], others, otherNames },
    [],
  );
  const resume = { workload: { compression }, keepTopic: false, ownTopics: [], clusterDigest: '' };
  const document = { ...run.document, settings, resume } as typeof run.document;
  return analyzeRun({ ...run, document }, policy)
    .findings.filter(({ code }) => code === wanted)
    .map(({ message, messageZh }) => [message, messageZh]);
}

test('a codec of topics that the load was not sent with is a finding, and the same one is not', () => {
  const [[en, zh] = []] = found('none');
  expect(en).toContain('sent with compression none, but `compression.type` is zstd for topic orders.');
  expect(zh).toContain('压测消息的压缩方式为 none，而 `compression.type` 的设置不同：Topic orders 为 zstd');
  expect(found('lz4')).toHaveLength(1);
  expect(found('zstd')).toEqual([]);
});

test('the codec of the brokers is that of the topics of the test, so only another one is a finding', () => {
  expect(found('none', { others: topics.slice(1), ofBrokers: 'gzip' })).toEqual([]);
  expect(found('none', { ofBrokers: 'zstd' })).toEqual([]);
  expect(found('zstd', { ofBrokers: 'gzip' })).toHaveLength(1);
  const others = [{ topic: 'raw', ownCodec: 'uncompressed' }];
  expect(found('none', { others })).toEqual([]);
  expect(found('gzip', { others })).toHaveLength(1);
  // The brokers compressed the messages of the test again, but not those of this topic.
  const kept = [{ topic: 'raw', ownCodec: 'producer' }];
  expect(found('none', { others: kept, ofBrokers: 'zstd' })[0]?.[0]).toContain('is producer for topic raw.');
  expect(found('zstd', { others: kept, ofBrokers: 'zstd' })).toEqual([]);
  expect(found('zstd', { others: kept })).toEqual([]);
});

test('topics whose settings were refused are a finding, since their retention and codec are unknown', () => {
  const code = 'topic-settings-unread';
  const [[en, zh] = []] = found('zstd', { otherNames: ['orders', 'audit', 'pay', 'clicks'], code });
  expect(en).toContain('The settings of 2 topics could not be read: retention and compression there are unknown');
  expect(zh).toContain('有 2 个 Topic 的配置未能读取');
  expect(found('zstd', { otherNames: ['orders', 'audit'], code })).toEqual([]);
});
