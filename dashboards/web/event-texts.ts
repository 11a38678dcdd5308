// Texts of the event day page, in English and Chinese.

import type { noGainReasons } from '../../core/documents/event-outlook.ts';
import type { Grade } from '../../core/documents/history-entry.ts';
import type { ActionKind } from '../../core/prepared-action.ts';
import type { TrustLevel } from '../../core/trust.ts';
import type { Language } from './strings.ts';

const en = {
  title: 'Event day',
  explained:
    'For each cluster: the time until it reaches its safe maximum, the probability that it does, and suggested actions.',
  none: 'No verdicts yet. Run `plimsoll analyze`, then add the verdict with `plimsoll history add`.',
  more: (count: string) => `Further clusters with more time left: ${count}; see the list of clusters.`,
  over: 'The load is above the safe maximum.',
  overProven: 'The load is above the highest proven rate. The safe maximum is unknown.',
  beginsIn: (span: string) => `Begins in ${span}`,
  endsIn: (span: string) => `Ends in ${span}`,
  noSlope: 'The readings of the last half hour show no rise of the load.',
  slopeTooSmall: 'At the slope of the last half hour, the safe maximum is more than 3 h away.',
  notAhead: (chance: string, within: string) => `Not expected within ${within} (${chance} chance).`,
  notAheadProven: (chance: string, within: string) =>
    `Highest proven rate not expected within ${within} (${chance} chance).`,
  even: (span: string) => `Safe maximum reached in about ${span} (50% chance)`,
  evenProven: (span: string) => `Highest proven rate reached in about ${span} (50% chance)`,
  unlikely: (span: string) => `10% chance within ${span}`,
  likely: (span: string) => `90% chance within ${span}`,
  missing: {
    'safe-maximum': 'Safe maximum unknown, so the time to it is unknown, too.',
    forecast: 'No forecast for the current hour, so the time to the safe maximum is unknown.',
  } satisfies Readonly<Record<'safe-maximum' | 'forecast', string>>,
  scaled: (ratio: string) =>
    `Current load is ${ratio} of the forecast; the rest of the forecast is scaled by this factor.`,
  chances: 'Chance of reaching the safe maximum',
  chancesProven: 'Chance of reaching the highest proven rate; the safe maximum is unknown',
  within: 'Within',
  chance: 'Chance',
  levers: 'Suggested actions',
  names: {
    quota: 'Limit producers by quota',
    'leader-move': 'Move leaders',
    'queue-spread': 'Spread queues',
    retention: 'Shorten retention',
  } satisfies Readonly<Record<ActionKind, string>>,
  gains: {
    quota: 'msg/s less load',
    'leader-move': 'msg/s more capacity',
    'queue-spread': 'msg/s more capacity',
    retention: 'msg/s more as a daily average',
  } satisfies Readonly<Record<ActionKind, string>>,
  held: (now: string, to: string) => `${now} now, ${to} afterwards`,
  atMost: (now: string, to: string) => `${now} now, limited to ${to}`,
  now: (now: string) => `${now} now`,
  noneReady: 'No action can be offered now. Why:',
  without: 'Not possible, or no gain now',
  reasons: {
    'no-forecast': 'no peak forecast',
    'load-below-limit': 'the forecast stays below the safe maximum',
    'no-topic-rates': 'topic rates unknown',
    'no-quota-in-broker': 'RocketMQ brokers have no quotas; the rate can only be limited in the producers',
    'evenly-spread': 'the load is spread evenly',
    'copies-cost-the-same': 'followers use the limiting resource as much as leaders',
    'no-broker-rates': 'broker rates unknown',
    'other-broker-kind': 'not available for this kind of broker',
    'no-retention-limit': 'the limit of disk space is unknown',
    'disk-space-suffices': 'disk space is not the limit',
    'no-client-ids': 'client ids of the producers are not configured: service.clientIds',
    'no-message-size': 'message sizes of the topics are unknown, so a rate cannot be given in bytes',
    'rest-above-limit': 'at the forecast peak, the producers without a quota alone reach the safe maximum',
    'cut-too-deep': 'the producers would keep less than a tenth of their current rate',
    'not-read-yet': 'the cluster has not been read yet',
  } satisfies Readonly<Record<(typeof noGainReasons)[number], string>>,
  trust: 'Prediction accuracy',
  trustLevels: { untested: 'not tested yet', doubtful: 'low', fair: 'medium', proven: 'high' } satisfies Readonly<
    Record<TrustLevel, string>
  >,
  tooFewTested: 'too few tested',
  trustOf: (held: string, graded: string) => `(${held} of ${graded} correct)`,
  writeDown:
    'Write each action and its time into a YAML file (docs/review.md has the format). After the promotion, `plimsoll review --events FILE` shows which actions helped.',
  calibration: {
    title: 'Prediction accuracy',
    explained:
      'Measured value divided by predicted value. The line behind each mark is the predicted interval, if there is one. A dot marks a correct prediction, whose interval contains the measured value; a cross marks a wrong one.',
    when: 'When',
    event: 'Event',
    predicted: 'Predicted (msg/s)',
    actual: 'Measured (msg/s)',
    held: 'Correct',
    yes: 'yes',
    no: 'no',
    of: { forecast: 'forecast', 'safe-max': 'safe maximum' },
    graded: (event, what) => `${event} (${what})`,
    bias: (percent, isMore) => `On average, measured load is ${percent} ${isMore ? 'above' : 'below'} the forecast.`,
  } satisfies Readonly<
    Record<'title' | 'explained' | 'when' | 'event' | 'predicted' | 'actual' | 'held' | 'yes' | 'no', string>
  > & {
    of: Readonly<Record<NonNullable<Grade['what']>, string>>;
    graded(event: string, what: string): string;
    /** @param percent of what was expected, without a sign */
    bias(percent: string, isMore: boolean): string;
  },
};

export type EventTexts = typeof en;

const zh: EventTexts = {
  title: '大促当天',
  explained: '距安全上限还有多久、概率多大，以及已备好的预案。',
  none: '还没有任何集群的结论。用 `plimsoll analyze` 得出结论，用 `plimsoll history add` 录入。',
  more: (count) => `另有 ${count} 个集群离安全上限更远，见集群列表。`,
  over: '当前流量已超过安全上限。',
  overProven: '当前流量已超过该集群验证过的最高速率，安全上限未知。',
  beginsIn: (span) => `${span}后开始`,
  endsIn: (span) => `${span}后结束`,
  noSlope: '最近半小时的读数没有显示负载上升。',
  slopeTooSmall: '按最近半小时的上升速度，距安全上限超过 3 小时。',
  notAhead: (chance, within) => `预计 ${within}内不会达到安全上限（达到的概率为 ${chance}）。`,
  notAheadProven: (chance, within) => `预计 ${within}内不会达到验证过的最高速率（达到的概率为 ${chance}）。`,
  even: (span) => `约 ${span}内达到安全上限的概率为 50%`,
  evenProven: (span) => `约 ${span}内达到验证过的最高速率的概率为 50%`,
  unlikely: (span) => `${span}内达到的概率为 10%`,
  likely: (span) => `${span}内达到的概率为 90%`,
  missing: {
    'safe-maximum': '安全上限未知，无法推算时间。',
    forecast: '没有当前时段的预测，无法推算时间。',
  },
  scaled: (ratio) => `当前流量为预测值的 ${ratio}，后续预测按此比例调整。`,
  chances: '到达上限的概率',
  chancesProven: '达到验证过的最高速率的概率（安全上限未知）',
  within: '多长时间内',
  chance: '概率',
  levers: '建议的预案',
  names: { quota: '限流', 'leader-move': '迁移 leader', 'queue-spread': '打散队列', retention: '缩短保留时间' },
  gains: {
    quota: '条/秒（减少的流量）',
    'leader-move': '条/秒：可多承载',
    'queue-spread': '条/秒：可多承载',
    retention: '条/秒（全天平均可多承载）',
  },
  held: (now, to) => `现 ${now}，执行后 ${to}`,
  atMost: (now, to) => `现 ${now}，限制在 ${to}`,
  now: (now) => `现 ${now}`,
  noneReady: '当前没有可用的预案，原因：',
  without: '当前不可行，或没有收益',
  reasons: {
    'no-forecast': '没有峰值预测',
    'load-below-limit': '预测峰值不超过安全上限',
    'no-topic-rates': '各 Topic 的速率未知',
    'no-quota-in-broker': 'RocketMQ Broker 没有生产者配额，请在生产端限流',
    'evenly-spread': '负载已均匀',
    'copies-cost-the-same': '瓶颈资源上副本与 leader 消耗相同',
    'no-broker-rates': '各 Broker 的速率未知',
    'other-broker-kind': '不适用于此类 Broker',
    'no-retention-limit': '磁盘空间的上限未知',
    'disk-space-suffices': '瓶颈不是磁盘空间',
    'no-client-ids': '未配置生产者的 client id（service.clientIds）',
    'no-message-size': 'Topic 的消息大小未知，无法换算成字节速率',
    'rest-above-limit': '预测峰值时，仅未被限流的生产者就已达到安全上限',
    'cut-too-deep': '限流后生产者的速率不到当前的十分之一',
    'not-read-yet': '尚未读取该集群',
  },
  trust: '预测准确度',
  trustLevels: { untested: '尚未检验', doubtful: '低', fair: '中', proven: '高' },
  tooFewTested: '样本不足',
  trustOf: (held, graded) => `（${graded} 次预测中 ${held} 次成立）`,
  writeDown:
    '把执行的每项预案及时间写入 YAML 文件（格式见 docs/review.md），大促后用 `plimsoll review --events FILE` 查看哪些预案有效。',
  calibration: {
    title: '预测准确度',
    explained: '实际值与预测值之比：横条为预测区间，圆点为成立，叉号为不成立。',
    when: '时间',
    event: '事件',
    predicted: '预测（条/秒）',
    actual: '实际（条/秒）',
    held: '成立',
    yes: '是',
    no: '否',
    of: { forecast: '流量预测', 'safe-max': '安全上限' },
    graded: (event, what) => `${event}（${what}）`,
    bias: (percent, isMore) => `实际流量平均比预测${isMore ? '高' : '低'} ${percent}。`,
  },
};

export const eventLanguages = { en, zh } as const satisfies Readonly<Record<Language, EventTexts>>;
