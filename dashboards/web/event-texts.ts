// Texts of the event day page, in English and Chinese.

import type { noGainReasons } from '../../core/documents/event-outlook.ts';
import type { ActionKind } from '../../core/prepared-action.ts';
import type { TrustLevel } from '../../core/trust.ts';
import { bilingual, type Pair } from '../../core/text/bilingual.ts';

export const eventLanguages = bilingual({
  explained: [
    'For each cluster with a verdict: the time until it reaches its safe maximum, the probability that it does, and suggested actions.',
    '各集群预计何时达到安全上限、达到的概率，以及可执行的预案。不含尚无结论的集群。',
  ],
  none: [
    'No verdicts yet. Run `plimsoll analyze`, then add the verdict with `plimsoll history add`.',
    '还没有任何集群的结论。用 `plimsoll analyze` 得出结论，用 `plimsoll history add` 录入。',
  ],
  more: (count: string) => [
    `Further clusters with more time left: ${count}; see the list of clusters.`,
    `另有 ${count} 个集群离安全上限更远，见集群列表。`,
  ],
  over: ['The load is above the safe maximum.', '当前流量已超过安全上限。'],
  overProven: [
    'The load is above the highest proven rate. The safe maximum is unknown.',
    '当前流量已超过该集群验证过的最高速率，安全上限未知。',
  ],
  restore: ['First restore the nodes that do not answer.', '请先恢复无应答的节点。'],
  noReadings: (cluster: string) => [
    `No readings: run \`plimsoll ready --cluster ${cluster}\` to find the cause.`,
    `没有读数：用 \`plimsoll ready --cluster ${cluster}\` 查找原因。`,
  ],
  beginsIn: (span: string) => [`Begins in ${span}`, `${span}后开始`],
  endsIn: (span: string) => [`Ends in ${span}`, `${span}后结束`],
  noSlope: ['No clear rise of 5% or more in the last half hour.', '最近半小时流量没有 5% 以上的明显上升。'],
  slopeTooSmall: [
    'If the load keeps rising as in the last half hour, it reaches the safe maximum in more than 3 h.',
    '按最近半小时的上升速度，距安全上限超过 3 小时。',
  ],
  chanceWithin: (chance: string, span: string) => [`${chance} within ${span}`, `${span}后升至 ${chance}`],
  noMore: (span: string) => [`not higher within ${span}`, `${span}内不再升高`],
  lowerEnd: [
    'Time until the forecast reaches the lower end of the safe maximum',
    '预测值达到安全上限区间下端的剩余时间',
  ],
  missing: {
    'safe-maximum': ['Safe maximum unknown, so the time to it is unknown, too.', '安全上限未知，无法推算何时达到。'],
    forecast: [
      'No forecast for the current hour, so the time to the safe maximum is unknown.',
      '没有当前时段的负载预测，无法推算何时达到安全上限。',
    ],
  },
  scaled: (factor: string, peak: string, at: string) => [
    `The forecast is multiplied by ${factor} (this factor is limited to 0.5–3), because the current load differs from it: its peak is ${peak} msg/s at ${at}.`,
    `当前流量偏离预测，因此预测值乘以 ${factor}（系数限制在 0.5 至 3 之间）：峰值为 ${peak} 条/秒，${at}。`,
  ],
  chances: ['Chance of reaching the safe maximum', '达到安全上限的概率'],
  chancesProven: [
    'Chance of reaching the highest proven rate; the safe maximum is unknown',
    '达到验证过的最高速率的概率（安全上限未知）',
  ],
  within: ['Within', '时间范围'],
  chance: ['Chance', '概率'],
  levers: ['Suggested actions', '可用的预案'],
  names: {
    quota: ['Limit producers by quota', '限流'],
    'leader-move': ['Move leaders', '迁移 Leader'],
    'queue-spread': ['Spread queues', '均衡队列分布'],
    retention: ['Shorten retention', '缩短保留时间'],
  } satisfies Record<ActionKind, Pair>,
  gains: {
    quota: ['msg/s less load', '条/秒（减少的流量）'],
    'leader-move': ['msg/s more capacity', '条/秒：可多承载'],
    'queue-spread': ['msg/s more capacity', '条/秒：可多承载'],
    retention: ['msg/s more (daily average that fits the disks)', '条/秒（全天平均可多承载）'],
  } satisfies Record<ActionKind, Pair>,
  held: (now: string, to: string) => [`${now} now, ${to} afterwards`, `现 ${now}，执行后 ${to}`],
  atMost: (now: string, to: string) => [`${now} now, limited to ${to}`, `现 ${now}，限制在 ${to}`],
  now: (now: string) => [`${now} now`, `现 ${now}`],
  stopTest: ['A load test is adding to this load: stop it first.', '压测正在增加该集群的流量：请先停止压测。'],
  remaining: [
    'What also helps: add brokers, move topics to another cluster, or lower the rate in the producers, those of new topics first.',
    '其他可行措施：扩容、将 Topic 迁移到其他集群，或在生产端限流（先处理新增的 Topic）。',
  ],
  noneReady: ['No action with a known gain.', '目前没有能确定收益的预案。'],
  without: ['Not possible, no gain, or gain unknown', '其他预案：不可行、没有收益或收益未知'],
  reasons: {
    'no-forecast': ['no peak forecast', '没有峰值预测'],
    'load-below-limit': ['the forecast stays below the safe maximum', '预测峰值不超过安全上限'],
    'no-safe-maximum': ['the safe maximum is unknown', '安全上限未知'],
    'no-topic-rates': ['topic rates unknown', '各 Topic 的速率未知'],
    'no-quota-in-broker': [
      'RocketMQ brokers have no quotas; the rate can only be limited in the producers',
      'RocketMQ Broker 没有生产者配额，请在生产端限流',
    ],
    'evenly-spread': ['the load is spread evenly over the brokers that answer', '有应答的各 Broker 负载已均匀'],
    'copies-cost-the-same': ['followers use the bottleneck as much as leaders do', '瓶颈资源上副本与 Leader 消耗相同'],
    'no-broker-rates': ['broker rates unknown', '各 Broker 的速率未知'],
    'one-broker': ['only one broker receives messages', '仅有一个 Broker 接收消息'],
    'no-retention-limit': [
      'the verdict does not include disk space, so the gain is unknown',
      '结论未包含磁盘空间，无法估算收益',
    ],
    'disk-space-suffices': ['disk space is not the limit', '瓶颈不是磁盘空间'],
    'no-client-ids': [
      'the client ids of the producers are not configured (`service.clientIds` in plimsoll.yaml)',
      '尚未配置生产者的客户端 ID（plimsoll.yaml 的 `service.clientIds`）',
    ],
    'no-message-size': [
      'message sizes of the topics are unknown, so a rate cannot be given in bytes',
      'Topic 的消息大小未知，无法换算成字节速率',
    ],
    'rest-above-limit': [
      'at the forecast peak, producers that the quota would not limit already reach the safe maximum',
      '预测峰值时，仅未被限流的生产者就已达到安全上限',
    ],
    'cut-too-deep': [
      'the quota would leave producers less than a tenth of their current rate',
      '限流后生产者的速率不到当前的十分之一',
    ],
    'not-read-yet': ['the cluster has not been read yet', '尚未读取该集群'],
  } satisfies Record<(typeof noGainReasons)[number], Pair>,
  trust: ['Prediction accuracy', '预测准确度'],
  trustLevels: {
    untested: ['not tested yet', '尚未检验'],
    doubtful: ['low', '低'],
    fair: ['medium', '中'],
    proven: ['high', '高'],
  } satisfies Record<TrustLevel, Pair>,
  tooFewTested: ['too few predictions tested', '样本不足'],
  trustOf: (held: string, graded: string) => [
    ` (${held} of ${graded} correct)`,
    `（${graded} 次预测中 ${held} 次命中）`,
  ],
  writeDown: [
    'Record each action that you take, with its time, in a YAML file (docs/explanation/review.md of Plimsoll has the format). After the promotion, `plimsoll review --events FILE` shows which actions helped.',
    '把执行的每项预案及时间写入 YAML 文件（格式见 Plimsoll 的 docs/explanation/review.md），大促后用 `plimsoll review --events FILE` 查看哪些预案有效。',
  ],
  calibration: {
    explained: [
      'Measured load divided by predicted value. A bar behind a mark, if any, is the predicted interval. A dot marks a correct prediction, a cross a wrong one. A safe maximum is wrong if a load below its interval overloaded the cluster, or one above it did not.',
      '实际流量与预测值之比：横条（如有）为预测区间，圆点为命中，叉号为未命中。流量低于安全上限的区间即过载，或高于该区间仍未过载，为未命中。',
    ],
    when: ['When', '时间'],
    event: ['Prediction, and what tested it', '预测内容与检验方式'],
    predicted: ['Predicted (msg/s)', '预测（条/秒）'],
    actual: ['Measured load (msg/s)', '实际流量（条/秒）'],
    held: ['Correct', '命中'],
    yes: ['yes', '是'],
    no: ['no', '否'],
    of: { forecast: ['forecast', '流量预测'], 'safe-max': ['safe maximum', '安全上限'] },
    graded: (event: string, what: string) => [`${what}, tested by: ${event}`, `${what}（检验：${event}）`],
    /** @param percent deviation from the forecast, without a sign */
    bias: (percent: string, isMore: boolean) => [
      `On average, measured load is ${percent} ${isMore ? 'above' : 'below'} the forecast.`,
      `实际流量平均比预测${isMore ? '高' : '低'} ${percent}。`,
    ],
  },
});

export type EventTexts = (typeof eventLanguages)['en'];
