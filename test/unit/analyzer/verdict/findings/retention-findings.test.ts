import { describe, expect, test } from 'vitest';
import { retentionFindings } from '../../../../../analyzer/verdict/findings/retention-findings.ts';
import type { RecordedSettings } from '../../../../../core/documents/evidence/recorded-settings.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { recordedRun, threeBrokers } from '../../../../support/go-case.ts';

const days = (count: number) => ({
  ...examplePolicy(),
  retentionSeconds: { value: count * 86_400, source: 'config, analyzer.retention' },
});
/** As a Kafka 4 broker shows them; another broker keeps messages longer. */
const kafka = (more: Readonly<Record<string, string>> = {}, own: Readonly<Record<string, string>> = {}) =>
  recordedRun(threeBrokers, 1, (id) => ({
    'log.retention.hours': '168',
    'log.retention.minutes': '(not set)',
    'log.retention.ms': '(not set)',
    ...more,
    ...(id === '2' && own),
  }));
const rocketmq = (hours: string) =>
  recordedRun({ ...threeBrokers, broker: 'rocketmq' }, 1, () => ({ fileReservedTime: hours }));
const textOf = (...[run, policy]: Parameters<typeof retentionFindings>) =>
  retentionFindings(run, policy).map(({ message, messageZh }) => [message, messageZh]);

test('a retention that differs from that of the brokers is a finding, and an equal or unknown one is not', () => {
  const [[en, zh] = []] = textOf(kafka(), days(3));
  expect(en).toContain(
    'analyzer.retention is 3 days, but log.retention.hours of the brokers is 7 days. The longer one',
  );
  expect(zh).toContain('analyzer.retention 为 3 天，而 Broker 的 log.retention.hours 为 7 天');
  expect(textOf(kafka(), days(7))).toEqual([]);
  expect(textOf(kafka(), examplePolicy())).toEqual([]);
  expect(textOf(recordedRun(), days(3))).toEqual([]);
});

test('Kafka uses the smallest unit that is set, and the longest retention of the brokers counts', () => {
  expect(textOf(kafka({ 'log.retention.ms': '259200000' }), days(3))).toEqual([]);
  expect(textOf(kafka({ 'log.retention.ms': '-1' }), days(3))[0]?.[0]).toContain(
    'log.retention.ms of the brokers is unlimited',
  );
  expect(textOf(kafka({}, { 'log.retention.hours': '240' }), days(7))[0]?.[0]).toContain('is 10 days');
});

describe('recorded topics', () => {
  type Longest = NonNullable<RecordedSettings['longestRetention']>;
  const withTopics = (...longestRetention: Longest) => {
    const run = kafka();
    const { settings = expect.fail('settings') } = run.document;
    return { ...run, document: { ...run.document, settings: { ...settings, longestRetention } } };
  };
  const orders = { topic: 'orders', seconds: 259_200, hasSizeLimit: false };

  test('count instead of the default of the brokers', () => {
    expect(textOf(withTopics(orders), days(3))).toEqual([]);
    const [[en, zh] = []] = textOf(withTopics(orders), days(7));
    expect(en).toContain('analyzer.retention is 7 days, but retention.ms of topic orders is 3 days');
    expect(zh).toContain('analyzer.retention 为 7 天，而 Topic orders 的 retention.ms 为 3 天');
    expect(textOf(withTopics({ topic: 'audit', hasSizeLimit: false }), days(3))[0]?.[0]).toContain(
      'topic audit is unlimited',
    );
  });

  test('with a size limit keep messages for their time at most', () => {
    const sized = { topic: 'clicks', seconds: 2_592_000, hasSizeLimit: true };
    expect(textOf(withTopics(sized), days(3))).toEqual([]);
    expect(textOf(withTopics(orders, sized), days(7))).toEqual([]);
    expect(textOf(withTopics({ ...sized, seconds: 86_400 }), days(3))[0]?.[0]).toContain('topic clicks is 24 h');
  });
});

test('RocketMQ keeps messages for fileReservedTime', () => {
  expect(textOf(rocketmq('72'), days(3))).toEqual([]);
  expect(textOf(rocketmq('48'), days(3))[0]?.[0]).toContain('is 3 days, but fileReservedTime of the brokers is 2 days');
});
