// Defines the findings about events of a run and about the rates of its steps.

import { durationText } from '../../text/duration-text.ts';
import { constraints } from '../../resource.ts';
import { chineseName } from '../../text/limit-text.ts';
import { countText, nodeText, percentText, pluralText, quantityText, rateText } from '../../text/quantity-text.ts';
import { figure, findingEntry, piece } from './finding-entry.ts';

const source = 'journal.ndjson';

const cluster = (tps: number | undefined) => figure(tps, 'messages/s', source);

/** A guard limit that was crossed, or an input without values. */
interface BreachFacts {
  input: string;
  reason: string;
  value?: number;
  limit?: number;
}

export const runFindings = {
  'guard-intervened': findingEntry<BreachFacts & { elapsedSeconds: number; ends: string }>({
    severity: 'warning',
    en: ({ elapsedSeconds, ends, reason }) =>
      `The guard stopped the load after ${durationText(elapsedSeconds)} and ended the ${ends}: ${reason}.`,
    zh: ({ elapsedSeconds, ends, ...breach }) =>
      `运行 ${durationText(elapsedSeconds, 'zh')} 后防护规则停止加压，并结束本次${ends === 'run' ? '压测' : '试验'}：${breachZh(breach)}。`,
    evidence: ({ input, value, limit }) => [
      ...(value === undefined ? [] : [piece(input, value, 'as the input counts', source)]),
      ...(limit === undefined ? [] : [piece('limit', limit, 'as the input counts', 'the guard of the run')]),
    ],
    examples: [
      { elapsedSeconds: 90, input: 'p99', reason: 'p99 3.1 s is above 2 s', ends: 'run', value: 3.1, limit: 2 },
      { elapsedSeconds: 90, input: 'heap', reason: 'heap was not seen for 10 s: HTTP 503', ends: 'run' },
    ],
  }),
  'run-resumed': findingEntry<{ attempt: number; elapsedSeconds: number }>({
    severity: 'warning',
    en: ({ attempt, elapsedSeconds }) =>
      `The run was interrupted and resumed (attempt ${attempt}) after ${durationText(elapsedSeconds)} of run time; the interruption does not count. The interrupted step was repeated; its first measurement is excluded.`,
    zh: ({ attempt, elapsedSeconds }) =>
      `压测中断后在 ${durationText(elapsedSeconds, 'zh')} 处恢复（第 ${attempt} 次），期间计时暂停。被中断的台阶已重做，首次测量不计入。`,
    evidence: { resumed: ({ elapsedSeconds }) => figure(elapsedSeconds, 's', source) },
    examples: [{ attempt: 2, elapsedSeconds: 240 }],
  }),
  'worker-lost': findingEntry<{
    worker: string;
    elapsedSeconds: number;
    reason?: string | undefined;
    wasMoved: boolean;
  }>({
    severity: 'warning',
    en: ({ worker, elapsedSeconds, reason, wasMoved }) =>
      `Worker ${worker} exited unexpectedly after ${durationText(elapsedSeconds)}${reason === undefined ? '' : ` (${reason})`}: ${wasMoved ? 'the other workers took over its share' : 'its share was not sent, so that step is not used'}.`,
    zh: ({ worker, elapsedSeconds, reason, wasMoved }) =>
      `Worker ${worker} 在 ${durationText(elapsedSeconds, 'zh')} 时自行退出${reason === undefined ? '' : `（“${reason}”）`}：${wasMoved ? '其份额由其他 Worker 接管' : '其份额没有发送，该台阶不作为依据'}。`,
    evidence: { lost: ({ worker }) => figure(worker, 'worker', source) },
    examples: [
      { worker: 'w2', elapsedSeconds: 90, reason: 'exit code 137', wasMoved: true },
      { worker: 'w2', elapsedSeconds: 90, wasMoved: false },
    ],
  }),
  'broker-lost': findingEntry<{ broker: string; from: number; to: number }>({
    severity: 'warning',
    en: ({ broker, from, to }) =>
      `During the test ${nodeText(broker)} was lost from ${durationText(from)} to ${durationText(to)}. Steps that were not sustained meanwhile show no limit. Find out why, and repeat the test.`,
    zh: ({ broker, from, to }) =>
      `压测中 ${nodeText(broker, 'zh')} 在 ${durationText(from, 'zh')} 至 ${durationText(to, 'zh')} 期间失联。其间未稳定的台阶不反映上限。请查明原因后重新压测。`,
    evidence: {
      from: ({ from }) => figure(from, 's', 'telemetry.ndjson'),
      to: ({ to }) => figure(to, 's', 'telemetry.ndjson'),
    },
    examples: [{ broker: '2', from: 44, to: 79 }],
  }),
  'retention-differs': findingEntry<{
    setting: string;
    topic?: string;
    configuredSeconds: number;
    seconds?: number;
  }>({
    severity: 'warning',
    en: ({ setting, topic, configuredSeconds, seconds }) =>
      `analyzer.retention is ${durationText(configuredSeconds)}, but ${setting} of ${topic === undefined ? 'the brokers' : `topic ${topic}`} is ${seconds === undefined ? 'unlimited' : durationText(seconds)}. The longer one decides how full the disks get: make them equal, unless ${topic === undefined ? 'the topics have their own retention' : 'this topic stores little'}.`,
    zh: ({ setting, topic, configuredSeconds, seconds }) =>
      `analyzer.retention 为 ${durationText(configuredSeconds, 'zh')}，而${topic === undefined ? ' Broker ' : ` Topic ${topic} `}的 ${setting} 为${seconds === undefined ? '不限' : ` ${durationText(seconds, 'zh')}`}。较长者决定磁盘占用：请将两者设为一致，除非${topic === undefined ? ' Topic 另有保留时间' : '该 Topic 数据量很小'}。`,
    evidence: {
      configured: ({ configuredSeconds }) => figure(configuredSeconds, 's', 'config, analyzer.retention'),
      effective: ({ seconds, topic }) =>
        figure(seconds, 's', `settings of the ${topic === undefined ? 'brokers' : 'topics'}`),
    },
    examples: [
      { setting: 'log.retention.hours', configuredSeconds: 259_200, seconds: 604_800 },
      { setting: 'log.retention.ms', configuredSeconds: 259_200 },
      { setting: 'retention.ms', topic: 'orders', configuredSeconds: 259_200, seconds: 604_800 },
    ],
  }),
  'topic-settings-unread': findingEntry<{ topics: number }>({
    severity: 'warning',
    en: ({ topics }) =>
      `The settings of ${pluralText(topics, 'topic')} could not be read: retention and compression there are unknown, so \`retention-differs\` and \`compression-differs\` do not cover them. Allow the user to describe the configuration of all topics (DescribeConfigs).`,
    zh: ({ topics }) =>
      `有 ${topics} 个 Topic 的配置未能读取：其保留时间和压缩方式未知，\`retention-differs\` 和 \`compression-differs\` 不包括它们。请授予该用户读取所有 Topic 配置的权限（DescribeConfigs）。`,
    evidence: { topics: ({ topics }) => figure(topics, 'topics', 'settings of the topics') },
    examples: [{ topics: 3 }],
  }),
  'compression-differs': findingEntry<{ tested: string; codecs: readonly { codec: string; topic: string }[] }>({
    severity: 'warning',
    en: ({ tested, codecs }) =>
      `The load was sent with compression ${tested}, but \`compression.type\` is ${codecs.map(({ codec, topic }) => `${codec} for topic ${topic}`).join(', ')}. Brokers spend other CPU and bytes on such messages than in this test. Test with the codec of the producers (\`compression\` and \`compressionRatio\` in the workload file), on a topic with that setting.`,
    zh: ({ tested, codecs }) =>
      `压测消息的压缩方式为 ${tested}，而 \`compression.type\` 的设置不同：${codecs.map(({ codec, topic }) => `Topic ${topic} 为 ${codec}`).join('，')}。Broker 处理这类消息的 CPU 和字节数与本次压测不同。请在该设置相同的 Topic 上，以生产者的压缩算法压测（workload 文件中的 \`compression\` 和 \`compressionRatio\`）。`,
    evidence: {
      tested: ({ tested }) => figure(tested, 'codec', 'run.json'),
      stored: ({ codecs }) => figure(codecs.map(({ codec }) => codec).join(', '), 'codec', 'settings of the topics'),
    },
    examples: [{ tested: 'none', codecs: [{ codec: 'zstd', topic: 'orders' }] }],
  }),
  'tls-not-tested': findingEntry<{ listeners: readonly string[]; isRecorded: boolean }>({
    severity: 'warning',
    en: ({ listeners, isRecorded }) =>
      `${isRecorded ? 'The load was sent without TLS' : 'Whether the load was sent with TLS was not recorded'}, but brokers have listeners with TLS (${listeners.join(', ')}). Encryption, and reads without zero-copy, cost CPU that the figures ${isRecorded ? 'do not' : 'possibly do not'} contain. If clients use TLS, test with it (\`clusters.NAME.tls\`).`,
    zh: ({ listeners, isRecorded }) =>
      `${isRecorded ? '压测没有使用 TLS' : '未记录压测是否使用 TLS'}，而 Broker 有 TLS 监听器（${listeners.join('、')}）。加密以及无法零拷贝读取会消耗 CPU，压测数据${isRecorded ? '' : '可能'}不含这部分开销。如果客户端使用 TLS，请以 TLS 压测（\`clusters.NAME.tls\`）。`,
    evidence: { listeners: ({ listeners }) => figure(listeners.join(', '), 'listeners', 'settings of the brokers') },
    examples: [
      { listeners: ['SSL'], isRecorded: true },
      { listeners: ['SSL'], isRecorded: false },
    ],
  }),
  'messages-dropped': findingEntry<{ messages: number }>({
    severity: 'warning',
    en: ({ messages }) =>
      `Messages that the load generator could not send in time: ${countText(messages)}. They were dropped and count as failed.`,
    zh: ({ messages }) => `压测端因来不及发送而放弃了 ${countText(messages)} 条消息，计为失败。`,
    evidence: { dropped: ({ messages }) => figure(messages, 'messages', source) },
    examples: [{ messages: 1200 }],
  }),
  drained: findingEntry<{
    messages: number;
    seconds: number;
    drainTps: number;
    producedTps: number;
    lagMessages: number;
  }>({
    severity: 'info',
    en: ({ messages, seconds, drainTps, producedTps, lagMessages }) =>
      `After their pause consumers read ${countText(messages)} messages in ${durationText(seconds)}: at least ${rateText(drainTps)}, while ${rateText(producedTps)} were produced.${lagMessages === 0 ? '' : ` Remaining lag: ${countText(lagMessages)}.`}`,
    zh: ({ messages, seconds, drainTps, producedTps, lagMessages }) =>
      `暂停后消费者在 ${durationText(seconds, 'zh')} 内读取了 ${countText(messages)} 条消息：至少 ${rateText(drainTps, 'zh')}，同时生产速率为 ${rateText(producedTps, 'zh')}。${lagMessages === 0 ? '' : `仍剩余 ${countText(lagMessages)} 条。`}`,
    evidence: {
      'drain rate': ({ drainTps }) => figure(drainTps, 'messages/s', `${source}, to the next full second`),
      'produced meanwhile': ({ producedTps }) => cluster(producedTps),
      left: ({ lagMessages }) => figure(lagMessages, 'messages', source),
    },
    examples: [
      { messages: 60_000, seconds: 12, drainTps: 5000, producedTps: 2000, lagMessages: 0 },
      { messages: 60_000, seconds: 12, drainTps: 5000, producedTps: 2000, lagMessages: 400 },
    ],
  }),
  'changing-rate': findingEntry<{
    changing: number;
    steps: number;
    highestTps: number;
    /** The lowest target that was not achieved. */
    missed?: { targetTps: number; tps: number };
  }>({
    severity: ({ missed }) => (missed === undefined ? 'info' : 'warning'),
    en: ({ changing, steps, highestTps, missed }) =>
      `Steps in which the rate rose or fell: ${changing} of ${steps}. They are not evaluated separately and not used for fits. ${missed === undefined ? 'The target rate was achieved' : `At ${rateText(missed.targetTps)} only ${rateText(missed.tps)} was achieved`}; the highest mean of such a step was ${rateText(highestTps)}.`,
    zh: ({ changing, steps, highestTps, missed }) =>
      `${steps} 个台阶中有 ${changing} 个的速率在台阶内变化，因此不单独判断，也不参与拟合。${missed === undefined ? '目标速率均已达到' : `目标 ${rateText(missed.targetTps, 'zh')} 时只达到 ${rateText(missed.tps, 'zh')}`}；此类台阶的最高平均速率为 ${rateText(highestTps, 'zh')}。`,
    evidence: { 'highest mean': ({ highestTps }) => cluster(highestTps) },
    examples: [
      { changing: 3, steps: 3, highestTps: 4100 },
      { changing: 3, steps: 3, highestTps: 4100, missed: { targetTps: 5000, tps: 4100 } },
    ],
  }),
  'consumer-lag-growing': findingEntry<{ group: string; targetTps: number; producedTps: number; consumedTps: number }>({
    severity: 'warning',
    en: ({ group, targetTps, producedTps, consumedTps }) =>
      `Group ${group} fell behind at ${rateText(targetTps)}: ${rateText(producedTps)} were produced and ${rateText(consumedTps)} consumed.`,
    zh: ({ group, targetTps, producedTps, consumedTps }) =>
      `消费组 ${group} 在 ${rateText(targetTps, 'zh')} 时出现堆积：生产 ${rateText(producedTps, 'zh')}，消费 ${rateText(consumedTps, 'zh')}。`,
    evidence: {
      produced: ({ producedTps }) => cluster(producedTps),
      consumed: ({ consumedTps }) => cluster(consumedTps),
    },
    examples: [{ group: 'billing', targetTps: 4000, producedTps: 3990, consumedTps: 3100 }],
  }),
};

/** Events of load tests and redlines whose reason exists only in English. */
const eventsZh: Readonly<Record<string, string>> = {
  'stop file': '已要求停止',
  window: '压测时间窗口已结束',
  'cluster-changed': '集群在此期间发生变化',
  'not-followed': '流量没有按计划转移到该 Broker',
};

/** Translates inputs of load tests and redlines with their numbers; quotes the reason of any other input. */
function breachZh({ input, reason, value, limit }: BreachFacts): string {
  // Reasons of custom rules begin with their name, which may be that of an event.
  const event = reason.startsWith(`${input} `) ? undefined : eventsZh[input];
  const quoted = event === undefined ? `“${reason}”` : `${event}（“${reason}”）`;
  const group = /^lag of (.+)$/.exec(input)?.[1];
  if (group !== undefined && reason === `the lag of group ${group} grows`) return `消费组 ${group} 的堆积持续增长`;
  if (value === undefined || limit === undefined) return quoted;
  const shares = (how: string) => `${percentText(value)}，${how}限值 ${percentText(limit)}`;
  const times = `${durationText(value, 'zh')}，超过限值 ${durationText(limit, 'zh')}`;
  const [, broker, path] = /^free share of the disk of broker (.+) \((.+)\)$/.exec(input) ?? [];
  if (broker !== undefined && path !== undefined)
    return `${nodeText(broker, 'zh')} 的磁盘（${path}）空闲比例为 ${shares('低于')}`;
  // A custom rule may have any name, including one of those below.
  if (reason.startsWith(`${input} is `))
    return `${input} 为 ${quantityText(value)}，${value > limit ? '超过' : '低于'}限值 ${quantityText(limit)}`;
  switch (input) {
    case 'p99':
      return `一秒内的发送延迟 p99 为 ${times}`;
    case 'p99 of writes':
      // If writes failed, the figures are only the limit for a lost write; the reason names the failure.
      return reason.startsWith('the p99 of writes is ') ? `探测写入的延迟 p99 为 ${times}` : quoted;
    case 'errors':
      return `一秒内发送失败的比例为 ${shares('超过')}`;
    case 'maxTps':
      return `一秒内发送了 ${quantityText(value)} 条消息，超过限值 ${quantityText(limit)} 条`;
    case 'lagMessages':
      return `消费最慢的消费组堆积 ${quantityText(value)} 条消息，超过限值 ${quantityText(limit)} 条`;
  }
  return Object.hasOwn(constraints, input) ? `${chineseName(input).trimStart()}使用率为 ${shares('超过')}` : quoted;
}
