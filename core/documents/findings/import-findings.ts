// Defines the findings about the input: run bundles, files of other tools, and the hosts and brokers joined to them.

import { forKind, type KindTable } from '../../kind-table.ts';
import { countText, pluralText, quantityText, rateText } from '../../text/quantity-text.ts';
import { figure, findingEntry, piece, type FindingEntry, type InLanguages } from './finding-entry.ts';

export type TopologyFacts =
  | { kind: 'broker-restarted'; broker: string }
  | { kind: 'host-restarted'; host: string }
  | { kind: 'broker-count'; before: number; after: number }
  /** Change by at least one in the number of led partitions. */
  | { kind: 'leaders-moved'; broker: string; before: number; after: number };

/** Why result.json is not used. */
type UnusedResult =
  | { kind: 'other-trials' | 'other-bytes' }
  | { kind: 'other-messages'; acknowledged: number; journaled: number }
  | { kind: 'unreadable'; error: string };

/** How a load-test file was interpreted; does not lower confidence. */
export type ReadNote =
  | { kind: 'tags'; tags: number; sent: readonly string[]; received: readonly string[] }
  | { kind: 'read-from-name'; keys: readonly string[]; name: string }
  | { kind: 'subscriptions'; consumedRatio: number; subscriptions: number }
  | { kind: 'other-driver'; driver: string };

export const importFindings = {
  'file-missing': findingEntry<{ file: string }>({
    severity: 'critical',
    en: ({ file }) => `The bundle has no ${file}, so nothing recorded there can be analyzed.`,
    zh: ({ file }) => `压测数据目录中没有 ${file}，其中的记录无法分析。`,
    examples: [{ file: 'journal.ndjson' }],
  }),
  'torn-line': findingEntry<{ file: string; line: number; reason: string }>({
    severity: 'warning',
    en: ({ file }) => `The last line of ${file} is incomplete and was dropped: its writer was killed.`,
    zh: ({ file }) => `${file} 的最后一行不完整，已丢弃：写入进程被强制终止。`,
    evidence: { line: ({ line, reason }) => figure(line, 'line', reason) },
    examples: [{ file: 'journal.ndjson', line: 1042, reason: 'Unexpected end of JSON input' }],
  }),
  'client-error': findingEntry<{
    error: string;
    count: number;
    causes: readonly (readonly [cause: string, count: number])[];
    firstMessage: string;
    file: string;
  }>({
    severity: 'warning',
    en: ({ error, count, causes, firstMessage }) =>
      `Clients of the load generator received ${quantityText(count)} ${count === 1 ? 'error' : 'errors'} "${error}"${causes.length === 0 ? '' : ` (${causeTexts(causes).join(', ')})`}. The first one: ${firstMessage}`,
    zh: ({ error, count, causes, firstMessage }) =>
      `压测客户端收到 ${quantityText(count)} 次错误“${error}”${causes.length === 0 ? '' : `（${causeTexts(causes).join('，')}）`}。首次错误信息：“${firstMessage}”。`,
    evidence: ({ error, count, causes, file }) =>
      [[error, count] as const, ...causes].map(([name, value]) => piece(name, value, 'errors', file)),
    examples: [
      {
        error: 'timeout',
        count: 12,
        causes: [['REQUEST_TIMED_OUT', 12]],
        firstMessage: 'no answer within 30 s.',
        file: 'journal.ndjson',
      },
    ],
  }),
  'messages-not-sent': findingEntry<{ count: number; firstMessage: string }>({
    severity: 'info',
    en: ({ count }) => `${pluralText(count, 'due message')} ${count === 1 ? 'was' : 'were'} never sent.`,
    zh: ({ count }) => `${quantityText(count)} 条到期消息始终未发送。`,
    evidence: { 'messages not sent': ({ count, firstMessage }) => figure(count, 'messages', firstMessage) },
    examples: [{ count: 1_106_203, firstMessage: 'the message could not be sent before the load was stopped early' }],
  }),
  'result-unused': findingEntry<UnusedResult & { file: string }>({
    severity: 'warning',
    en: (facts) => `${facts.file} is not used: ${forKind(facts, unusedTexts).en}. All values come from the journal.`,
    zh: (facts) => `未使用 ${facts.file}：${forKind(facts, unusedTexts).zh}。所有数据均来自日志 journal。`,
    examples: [
      { file: 'result.json', kind: 'unreadable', error: 'schemaVersion: Invalid input: expected 1' },
      { file: 'result.json', kind: 'other-trials' },
      { file: 'result.json', kind: 'other-messages', acknowledged: 24_719, journaled: 24_720 },
      { file: 'result.json', kind: 'other-bytes' },
    ],
  }),
  'run-aborted': endedEarly('warning', { en: 'The run was aborted', zh: '压测被中止' }),
  'run-stopped': endedEarly('warning', { en: 'The guard stopped the run', zh: '压测被防护规则停止' }),
  'run-failed': endedEarly('critical', { en: 'The run failed', zh: '压测失败' }),
  'run-interrupted': findingEntry<{ seconds: number }>({
    severity: 'warning',
    en: () =>
      'The journal has no end record: the load generator was killed or its machine went down. At most the last second is lost.',
    zh: () => '日志 journal 没有结束记录：压测进程被强制终止，或其机器宕机。最多丢失最后一秒的数据。',
    evidence: { recorded: ({ seconds }) => figure(seconds, 's', 'journal.ndjson') },
    examples: [{ seconds: 812 }],
  }),
  'read-from-files': findingEntry<{ notes: readonly (ReadNote & { file: string })[] }>({
    severity: 'info',
    en: ({ notes }) => [...new Set(notes.map((note) => `${note.file}: ${forKind(note, noteTexts).en}.`))].join('\n'),
    zh: ({ notes }) => [...new Set(notes.map((note) => `${note.file}：${forKind(note, noteTexts).zh}。`))].join('\n'),
    examples: [
      { notes: [{ file: 'result.json', kind: 'subscriptions', consumedRatio: 3, subscriptions: 3 }] },
      {
        notes: [{ file: 'result.json', kind: 'read-from-name', keys: ['messageBytes', 'partitions'], name: '1kb-16p' }],
      },
      { notes: [{ file: 'result.json', kind: 'other-driver', driver: 'RabbitMQ' }] },
      { notes: [{ file: 'run.hlog', kind: 'tags', tags: 3, sent: ['intended'], received: ['consumed'] }] },
    ],
  }),
  'no-telemetry': findingEntry<object>({
    severity: 'warning',
    en: () =>
      'No host metrics with these results, so no maximum can be reported: whether CPU, disk or network were near their limits is unknown. Add the output of sar, iostat or vmstat of the brokers.',
    zh: () =>
      '这些数据没有附带主机指标，因此无法给出最大值：CPU、磁盘、网络是否接近上限未知。请一并提供 Broker 主机的 sar、iostat 或 vmstat 输出。',
    examples: [{}],
  }),
  'between-steps': findingEntry<{ windows: number }>({
    severity: 'info',
    en: ({ windows }) =>
      `${windows === 1 ? 'One window' : `${quantityText(windows)} windows`} between two rates ${windows === 1 ? 'belongs' : 'belong'} to no step, because the rate changed there.`,
    zh: ({ windows }) => `两个速率之间有 ${quantityText(windows)} 个窗口不属于任何台阶：速率在其中发生了变化。`,
    evidence: { windows: ({ windows }) => figure(windows, 'windows', 'rates of the load') },
    examples: [{ windows: 1 }, { windows: 3 }],
  }),
  'load-broke-off': findingEntry<{ atSeconds: number }>({
    severity: 'critical',
    en: ({ atSeconds }) =>
      `From ${Math.round(atSeconds)} s on almost nothing was sent, although the test continued. Either the cluster or the client had stopped; these results do not show which.`,
    zh: ({ atSeconds }) =>
      `从第 ${Math.round(atSeconds)} 秒起几乎没有发送，但测试仍在继续。集群或客户端已停止，从这些数据无法判断是哪一个。`,
    evidence: { 'broke off': ({ atSeconds }) => figure(atSeconds, 's', 'rates of the load') },
    examples: [{ atSeconds: 240 }],
  }),
  'nothing-produced': findingEntry<{ files: readonly string[]; seconds: number }>({
    severity: 'warning',
    en: ({ files, seconds }) =>
      `${files.join(', ')}: these results cover consumers only, for ${Math.round(seconds)} s. The produced rate is unknown; add the output of the producer.`,
    zh: ({ files, seconds }) =>
      `${files.join('、')}：这些数据只包含消费端，时长 ${Math.round(seconds)} 秒。生产速率未知，请补充生产端的输出。`,
    examples: [{ files: ['consumer.txt'], seconds: 120 }],
  }),
  'file-twice': findingEntry<{ copies: readonly { file: string; of: string }[] }>({
    severity: 'warning',
    en: ({ copies }) =>
      `${copies.map(({ file, of }) => `${file} is the same as ${of}`).join(', ')}, and is counted once.`,
    zh: ({ copies }) =>
      `以下文件内容相同，只统计一次：${copies.map(({ file, of }) => `${file} 与 ${of}`).join('，')}。`,
    examples: [{ copies: [{ file: 'sar-2.txt', of: 'sar.txt' }] }],
  }),
  'joined-source': findingEntry<{ source: string; brokers: number; of: number }>({
    severity: ({ brokers, of }) => (brokers < of ? 'warning' : 'info'),
    en: ({ source, brokers, of }) =>
      brokers === 0
        ? `${source} has no metrics of a broker of this run. Check --cluster and the time span.`
        : `Metrics that this run did not record come from ${source} (brokers covered: ${brokers} of ${of}).`,
    zh: ({ source, brokers, of }) =>
      brokers === 0
        ? `${source} 中没有本次压测的 Broker 的数据。请检查 --cluster 和时间范围。`
        : `本次压测未记录的数据取自 ${source}，覆盖 ${of} 个 Broker 中的 ${brokers} 个。`,
    evidence: { brokers: ({ source, brokers }) => figure(brokers, 'brokers', source) },
    examples: [
      { source: 'prod', brokers: 3, of: 3 },
      { source: 'prod', brokers: 0, of: 3 },
    ],
  }),
  'cores-unknown': findingEntry<{ host: string; files: readonly string[] }>({
    severity: 'warning',
    en: ({ host, files }) =>
      `${files.join(', ')}: the number of cores of ${host} is unknown, so its CPU shares are not used. State it with --cores ${host}=16.`,
    zh: ({ host, files }) =>
      `${files.join('、')}：主机 ${host} 的核数未知，因此不使用其 CPU 占比。请用 --cores ${host}=16 声明。`,
    examples: [{ host: 'kafka-1', files: ['sar.txt'] }],
  }),
  'machines-as-brokers': findingEntry<{ hosts: readonly string[] }>({
    severity: 'info',
    en: ({ hosts }) =>
      `It is unknown which broker runs on which host, so ${hosts.join(', ')} are each treated as a broker. State the host of the load generator with --generator HOST.`,
    zh: ({ hosts }) =>
      `Broker 与主机的对应关系未知，因此 ${hosts.join('、')} 各按一个 Broker 处理。请用 --generator HOST 声明压测机。`,
    examples: [{ hosts: ['kafka-1', 'kafka-2'] }],
  }),
  'cluster-changed': findingEntry<TopologyFacts & { elapsedSeconds: number }>({
    severity: 'warning',
    en: (facts) =>
      `The cluster changed during the load: ${Math.round(facts.elapsedSeconds)} s after the start, ${changeTexts.en(facts)}. Results before and after belong to two different clusters.`,
    zh: (facts) =>
      `集群在压测期间发生变化：开始后 ${Math.round(facts.elapsedSeconds)} 秒，${changeTexts.zh(facts)}。变化前后的数据属于两个不同的集群状态。`,
    evidence: ({ kind, elapsedSeconds }) => [piece(kind, elapsedSeconds, 's', 'the monitoring system')],
    examples: [
      { kind: 'broker-restarted', broker: '2', elapsedSeconds: 300 },
      { kind: 'host-restarted', host: 'kafka-2', elapsedSeconds: 300 },
      { kind: 'broker-count', before: 3, after: 2, elapsedSeconds: 300 },
      { kind: 'leaders-moved', broker: '2', before: 12, after: 6, elapsedSeconds: 300 },
    ],
  }),
  'telemetry-failed': findingEntry<{ source: string; error: string; count: number; lastMessage: string; file: string }>(
    {
      severity: 'warning',
      en: ({ source, count, lastMessage }) =>
        `${source} could not be read ${count === 1 ? 'once' : `${count} times`}. The last error: ${lastMessage}`,
      zh: ({ source, count, lastMessage }) =>
        `${source.replace(/^host /, '主机 ').replace(/^cluster /, '集群 ')} 有 ${count} 次读取失败。最后一次错误信息：“${lastMessage}”。`,
      evidence: ({ error, count, file }) => [piece(error, count, 'failed readings', file)],
      examples: [
        {
          source: 'host kafka-1',
          error: 'host-unreachable',
          count: 3,
          lastMessage: 'connect timed out.',
          file: 'telemetry.ndjson',
        },
      ],
    },
  ),
  'background-traffic': findingEntry<{ meanTps: number; mostTps: number }>({
    severity: 'warning',
    en: ({ meanTps, mostTps }) =>
      `Other producers sent ${rateText(meanTps)} through the cluster during the test (highest ${rateText(mostTps)}). Rates and latencies here cover the test only, but CPU, disks and links of the brokers include the others. The safe maximum is the rate in addition to this other traffic.`,
    zh: ({ meanTps, mostTps }) =>
      `压测期间有其他生产者以 ${rateText(meanTps, 'zh')}（最高 ${rateText(mostTps, 'zh')}）向集群发送。这里的速率和延迟只包含压测流量，而 Broker 的 CPU、磁盘和网络包含其他流量。安全上限是在其他流量之外还能承载的速率。`,
    evidence: {
      mean: ({ meanTps }) => figure(meanTps, 'messages/s', otherTopics),
      most: ({ mostTps }) => figure(mostTps, 'messages/s', otherTopics),
    },
    examples: [{ meanTps: 420, mostTps: 900 }],
  }),
};

const noteTexts: KindTable<ReadNote, InLanguages<string>> = {
  tags: ({ tags, sent, received }) => {
    const [isSent, isReceived] = [sent.length > 0, received.length > 0];
    return {
      en: `of its ${tags} tags, ${isSent ? sent.join(', ') : 'none'} count what was sent${isReceived ? ` and ${received.join(', ')} what was received` : ''}`,
      zh: `共有 ${tags} 个标签，${isSent ? `${sent.join('、')} 统计发送` : '没有标签统计发送'}${isReceived ? `，${received.join('、')} 统计接收` : ''}`,
    };
  },
  'read-from-name': ({ keys, name }) => ({
    en: `${keys.join(' and ')} are read from the name ${JSON.stringify(name)}`,
    zh: `${keys.join('、')} 的值取自名称 ${JSON.stringify(name)}`,
  }),
  subscriptions: ({ subscriptions, consumedRatio }) => {
    const ratio = consumedRatio.toFixed(2);
    return {
      en: `${ratio} times as much was consumed as produced: ${subscriptions} subscriptions are taken to have read each message`,
      zh: `消费量为生产量的 ${ratio} 倍：按每条消息被 ${subscriptions} 个订阅读取计算`,
    };
  },
  'other-driver': ({ driver }) => ({
    en: `its driver is ${JSON.stringify(driver)}, neither Kafka nor RocketMQ`,
    zh: `driver 为 ${JSON.stringify(driver)}，既不是 Kafka 也不是 RocketMQ`,
  }),
};

const unusedTexts: KindTable<UnusedResult, InLanguages<string>> = {
  'other-trials': () => ({
    en: 'its certificate does not match the trials in journal.ndjson',
    zh: '其中的搜索结果与 journal.ndjson 中的试验不符',
  }),
  'other-bytes': () => ({
    en: 'its account of bytes does not match the messages in journal.ndjson',
    zh: '其中的字节统计与 journal.ndjson 中的消息不符',
  }),
  'other-messages': ({ acknowledged, journaled }) => ({
    en: `its delivery check has ${countText(acknowledged)} acknowledged messages, journal.ndjson has ${countText(journaled)}`,
    zh: `其消息核对中有 ${countText(acknowledged)} 条已确认的消息，而 journal.ndjson 中为 ${countText(journaled)} 条`,
  }),
  unreadable: ({ error }) => ({ en: error, zh: `无法读取，错误信息：“${error}”` }),
};

const otherTopics = 'journal.ndjson, growth of topics outside of the run';

const causeTexts = (causes: readonly (readonly [string, number])[]) =>
  causes.map(([cause, count]) => `${cause} ${quantityText(count)}`);

function endedEarly(
  severity: 'warning' | 'critical',
  how: InLanguages<string>,
): FindingEntry<{ seconds: number; reason?: string | undefined }> {
  return {
    severity,
    en: ({ reason }) =>
      `${how.en}${reason === undefined ? '' : `: ${reason}`}. The data recorded until then is analyzed.`,
    zh: ({ reason }) => `${how.zh}${reason === undefined ? '' : `：“${reason}”`}。分析基于此前记录的数据。`,
    evidence: { recorded: ({ seconds }) => figure(seconds, 's', 'journal.ndjson') },
    examples: [{ seconds: 812 }, { seconds: 812, reason: 'consumer lag grew for 60 s' }],
  };
}

const changeTexts: InLanguages<(facts: TopologyFacts) => string> = {
  en(facts) {
    if (facts.kind === 'broker-restarted') return `broker ${facts.broker} was restarted`;
    if (facts.kind === 'host-restarted') return `host ${facts.host} was restarted`;
    if (facts.kind === 'broker-count') return `the number of brokers changed from ${facts.before} to ${facts.after}`;
    return `broker ${facts.broker} led ${pluralText(facts.after, 'partition')} instead of ${facts.before}`;
  },
  zh(facts) {
    if (facts.kind === 'broker-restarted') return `Broker ${facts.broker} 重启`;
    if (facts.kind === 'host-restarted') return `主机 ${facts.host} 重启`;
    if (facts.kind === 'broker-count') return `Broker 数量从 ${facts.before} 变为 ${facts.after}`;
    return `Broker ${facts.broker} 的 Leader 分区数从 ${facts.before} 变为 ${facts.after}`;
  },
};
