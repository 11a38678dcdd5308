import { expect, test } from 'vitest';
import { findingExamples, findingOf } from '../../../../../core/documents/findings/findings.ts';

test.each(['closed-loop', 'gc-limit', 'generator-limited', 'littles-law', 'replication-limit'] as const)(
  'the Chinese text of %s has Chinese units and broker names',
  (code) => {
    const texts = findingExamples(code).map(({ messageZh }) => messageZh);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).not.toMatch(/\bbroker \d|msg\/s| of /);
  },
);

test.each([
  ['raw seconds', /\d s\b/, ['unconfirmed', 'clock-offset', 'slaves-serve-no-tail', 'nothing-produced']],
  ['raw seconds', /\d s\b/, ['cluster-changed', 'disk-unknown', 'latency-bound', 'figures-disagree', 'flush-limit']],
  ['bare shares', /0\.\d/, ['margin-ledger', 'group-binds', 'daily-share']],
  ['English words', /bisect|generator|invalid|unstable/, ['trials-excluded', 'soak-not-safe']],
  ['English words', /network-out|slave/, ['measured-beyond-the-card', 'slaves-serve-no-tail']],
  ['two words for a step', /步骤|一步/, ['use-not-steady', 'unconfirmed', 'slo-unmeasured', 'slo-extrapolated']],
] as const)('Chinese findings have no %s like %s: %s', (_, pattern, codes) => {
  for (const code of codes) for (const { messageZh } of findingExamples(code)) expect(messageZh).not.toMatch(pattern);
});

test.each([
  [{ kind: 'saturated' }, '其长压的结果为饱和。'],
  [{ kind: 'invalid', reason: 'generator-limited' }, '其长压的结果为无效（压测端达到上限）。'],
  [{ kind: 'not-judged', reason: 'lag-unknown' }, '其长压的结果为不判定（消费堆积未知）。'],
] as const)('the Chinese text of soak-not-safe contains the verdict of the soak: %j', (verdict, text) => {
  const doubt = { kind: 'not-sustained', verdict } as const;
  expect(findingOf('soak-not-safe', { tps: 6000, doubt }).messageZh).toContain(text);
});

test('a server given as an option has no source key in its advice, and offsets may replace a message rate', () => {
  const source = 'http://127.0.0.1:9090';
  const missing = (what: string, of: string) =>
    findingOf('source-missing', { source, what, of, triedMetrics: ['metric'] }).message;
  const link = missing('linkBytesPerSecond', 'host');
  expect(link).toContain('Add this server under `sources`');
  expect(link).not.toContain('sources.http');
  const rate = missing('messagesInPerSecond', 'broker');
  expect(rate).toContain('computed from offsets');
  expect(rate).not.toContain('limit');
});

test.each([
  [
    'p99',
    3.1,
    2,
    'the p99 latency of one second was 3.1 s, above the limit of 2 s',
    '发送延迟 p99 为 3.1 秒，超过限值 2 秒。',
  ],
  [
    'errors',
    0.34,
    0.05,
    '34% of the sends of one second failed, more than the limit of 5%',
    '发送失败的比例为 34%，超过限值 5%。',
  ],
  ['heap', 0.96, 0.9, 'heap is 0.96, above 0.9', 'heap 为 0.96，超过限值 0.9。'],
  ['spare', 0.04, 0.05, 'spare is 0.04, below 0.05', 'spare 为 0.04，低于限值 0.05。'],
  ['cpu', 0.8, 0.7, 'cpu of the host of broker 1 is at 80%, its limit is 70%', '：CPU 使用率为 80%，超过限值 70%。'],
  ['p99 of writes', 3, 1, 'the p99 of writes is 3 s, above the SLO of 1 s', '延迟 p99 为 3 秒，超过限值 1 秒。'],
  ['p99 of writes', 10, 10, 'at least 1% of the writes of the canary failed or took 10 s', '：“at least 1%'],
  // Custom rules may have the names of built-in limits.
  ['errors', 12, 10, 'errors is 12, above 10', 'errors 为 12，超过限值 10。'],
  [
    'free share of the disk of broker 1 (/data)',
    0.04,
    0.05,
    'free share of the disk of broker 1 (/data) is 0.04, below 0.05',
    'Broker 1 的磁盘（/data）空闲比例为 4%，低于限值 5%。',
  ],
  ['stop file', 1, 0, 'file stop was created in /run', '：已要求停止（“file stop was created in /run”）。'],
  ['window', 0, 1, 'the window for load tests (22:00 to 06:00 UTC) closes', '：压测时间窗口已结束（“the window'],
])('the Chinese text of guard-intervened contains its figures: %s', (input, value, limit, reason, text) => {
  const { messageZh } = findingOf('guard-intervened', { elapsedSeconds: 90, input, reason, ends: 'run', value, limit });
  expect(messageZh).toContain(text);
});

test('a redline test that a consumer group ended names the group in Chinese', () => {
  const breach = { elapsedSeconds: 90, input: 'lag of billing', reason: 'the lag of group billing grows', ends: 'run' };
  expect(findingOf('guard-intervened', breach).messageZh).toContain('：消费组 billing 的堆积持续增长。');
  const lost = { ...breach, input: 'cluster-changed', reason: 'broker 3 left the cluster' };
  expect(findingOf('guard-intervened', lost).messageZh).toContain(
    '集群在此期间发生变化（“broker 3 left the cluster”）。',
  );
});

test('a custom rule is not stated as the event whose name it has', () => {
  const rule = { elapsedSeconds: 90, input: 'window', reason: 'window was not seen for 10 s: HTTP 503', ends: 'run' };
  expect(findingOf('guard-intervened', rule).messageZh).toContain('：“window was not seen for 10 s: HTTP 503”。');
});

test('texts that exist only in English are quoted in Chinese findings', () => {
  const reason = 'the budget of 20 leader moves (--max-moves) is used up';
  expect(findingOf('run-stopped', { seconds: 60, reason }).messageZh).toContain(`：“${reason}”。`);
  expect(findingExamples('memory-stated')[0]?.messageZh).toMatch(/文本对内存的描述：“.+”。/);
});

test('Chinese findings have Chinese durations, grouped digits, capacity units and names of missing inputs', () => {
  const bound = { value: 30, source: 'slo' };
  const lag = { slo: 'consumer-lag', group: 'billing' } as const;
  expect(findingOf('slo-unmeasured', { limit: lag, bound, unit: 's' }).messageZh).toContain('不超过 30 秒');
  const sizes = { referenceBytes: 1100, lowBytes: 700, highBytes: 1600 };
  expect(findingOf('message-size-varies', sizes).messageZh).toMatch(/700 到 1,600 字节。.+ 1,100 字节/);
  const skew = { node: '1', resource: 'cpu', tps: 6100, nodes: 2, ratioToMean: 1.3, safeTps: 6100, gains: [] } as const;
  const capacity = { value: 8, largest: 16, unit: 'cores' };
  expect(findingOf('broker-skew', { ...skew, capacity }).messageZh).toContain('容量为 8 核，其他节点为 16 核');
  const missing = [{ what: 'counters of a network card and its speed', node: '1' }];
  const unusable = { broker: 'kafka', mode: 'kraft', shape: '16c64g' };
  const reason = { kind: 'no-safe-maximum', of: 'verdict.json', missing } as const;
  expect(findingOf('measurement-unusable', { ...unusable, reason }).messageZh).toContain(
    'verdict.json 没有安全上限，缺少：网卡计数器和链路速率（Broker 1）',
  );
  const generator = { resource: 'cpu', node: 'generator' } as const;
  const driven = findingOf('driven-into-limit', { limit: generator, targetTps: 9, tps: 8 });
  expect(driven.messageZh).toContain('压测端的 CPU');
});

test('sources that could not be read have Chinese names', () => {
  expect(findingExamples('telemetry-failed')[0]?.messageZh).toMatch(/^主机 kafka-1 有 3 次读取失败/);
  const failed = { error: 'slow', count: 2, lastMessage: 'no answer', file: 'telemetry.ndjson' };
  expect(findingOf('telemetry-failed', { ...failed, source: 'cluster orders' }).messageZh).toMatch(
    /^集群 orders 有 2 次/,
  );
});
