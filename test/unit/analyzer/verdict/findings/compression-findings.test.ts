import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { recordedSettings } from '../../../../../app/load-test/recorded-settings.ts';
import { policy, recordedRun } from '../../../../support/go-case.ts';

/** As read from Kafka 4.3.1; `codec` is a `compression.type` other than `producer`. */
const topics = [
  { topic: 'orders', retentionMs: 259_200_000n, cleanupPolicy: 'delete', codec: 'zstd' },
  { topic: 'audit', retentionMs: 604_800_000n, cleanupPolicy: 'delete' },
];

function found(compression: string, { others = topics, ofBrokers = 'producer' } = {}) {
  const run = recordedRun();
  const values = new Map([['compression.type', ofBrokers]]);
  const settings = recordedSettings({ processes: [{ of: 'broker', id: '1', values }], notices: [], others }, []);
  const resume = { workload: { compression }, keepTopic: false, ownTopics: [], clusterDigest: '' };
  const document = { ...run.document, settings, resume } as typeof run.document;
  return analyzeRun({ ...run, document }, policy)
    .findings.filter(({ code }) => code === 'compression-differs')
    .map(({ message, messageZh }) => [message, messageZh]);
}

test('a codec of topics that the load was not sent with is a finding, and the same one is not', () => {
  const [[en, zh] = []] = found('none');
  expect(en).toContain('sent with compression none, but `compression.type` is zstd for topic orders.');
  expect(zh).toContain('压测消息的压缩方式为 none，而 `compression.type` 的设置为：topic orders zstd');
  expect(found('lz4')).toHaveLength(1);
  expect(found('zstd')).toEqual([]);
});

test('without such topics the setting of the brokers counts', () => {
  const others = topics.slice(1);
  expect(found('none', { others })).toEqual([]);
  expect(found('none', { others, ofBrokers: 'gzip' })[0]?.[0]).toContain('is gzip for the brokers');
  expect(found('none', { others, ofBrokers: 'uncompressed' })).toEqual([]);
  expect(found('gzip', { others, ofBrokers: 'uncompressed' })).toHaveLength(1);
});
