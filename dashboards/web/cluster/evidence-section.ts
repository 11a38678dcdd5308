// Renders whether a cluster can sustain its forecast peak, and the cheapest evidence if that is uncertain.

import type { EvidenceAdvice, EvidenceOption } from '../../../core/documents/evidence-advice.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { addedRatesText } from '../../../core/text/added-rates-text.ts';
import { lossName } from '../../../core/text/quantity-text.ts';
import { roundedDurationText } from '../../../core/text/duration-text.ts';
import { commandLine, prose } from '../layout.ts';
import { renderTableAlone, textColumn, briefColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';
import { closedUp, punctuation } from '../../../core/text/punctuation.ts';

const marks = { enough: 'sustained', 'not-enough': 'invalid', undecided: '' } as const;

/**
 * @param note on the forecast
 * @param notNow why the cluster must not be measured now
 * @param scope brokers for which the answer holds, if not for those that answer
 * @returns undefined without a verdict or a forecast
 */
export function renderEvidence(
  advice: EvidenceAdvice | undefined,
  view: View,
  { note, notNow, scope }: { note?: Content; notNow?: Content; scope?: string | undefined } = {},
): Content {
  if (advice === undefined) return undefined;
  const texts = evidenceLanguages[view.language];
  const { numbers, strings } = view;
  const { space } = punctuation[view.language];
  const { state, gap, peak, safe, probability, risk, neededTps, options } = advice;
  const lost = safe.lost && lossName({ lost: safe.lost.kind, id: safe.lost.id }, view.language);
  const isOfForecast = state === 'undecided' && gap !== undefined && probability <= risk;
  const rate = (tps: number) => `${numbers.rate(tps)} ${strings.perSecond}`;
  const range =
    safe.interval?.high === undefined
      ? texts.from(rate(safe.tps))
      : texts.interval(texts.between(numbers.rate(safe.interval.low), rate(safe.interval.high)));
  return html`<h3 id="fits">${texts.title}</h3>
    <p class="verdict ${marks[state]}">
      ${isOfForecast ? texts.gaps[gap] : texts.states[state]}
      <span class="quiet">${scope && strings.aside(scope)}</span>
    </p>
    <p>
      ${texts.safe(range, lost, safe.duringCatchUp)}${space}${texts.chance(numbers.percent(probability), numbers.percent(risk), rate(peak.tps))}${state !== 'enough' && space + texts.needed(rate(neededTps), numbers.percent(risk))}
    </p>
    ${note} ${options.length > 0 && renderOptions(options, notNow, view)}
    ${options.some(({ expected }) => expected) && !options.some(({ decides }) => decides) && html`<p class="quiet">${texts.none}</p>`}`;
}

function renderOptions(options: readonly EvidenceOption[], notNow: Content, view: View): Content {
  const texts = evidenceLanguages[view.language];
  const { numbers, language, strings } = view;
  const isExpected = options.some(({ expected }) => expected !== undefined);
  const isHeld = ({ kind }: EvidenceOption) => kind !== 'natural-peak' && notNow !== undefined;
  return html`${renderTableAlone(
    texts.options,
    options,
    [
      textColumn(texts.options, ({ kind }) => texts.kinds[kind]),
      {
        title: texts.takes,
        text: 'brief',
        cell: ({ minutes }) => (minutes === 0 ? texts.nothing : roundedDurationText(60 * minutes, language)),
        value: ({ minutes }) => 60 * minutes,
      },
      {
        title: texts.begins,
        text: 'brief',
        cell: (option) =>
          isHeld(option)
            ? html`<strong class="bad">${texts.notNow}</strong>${strings.colon}${notNow}`
            : option.from === undefined
              ? texts.noWindow
              : numbers.moment(option.from),
        value: ({ from }) => from,
      },
      isExpected &&
        numberColumn(
          texts.expected,
          ({ expected }) => expected && texts.between(numbers.rate(expected.low), numbers.rate(expected.high)),
        ),
      isExpected &&
        briefColumn(texts.decides, ({ decides }) => (decides === undefined ? '–' : decides ? texts.yes : texts.no)),
      textColumn(texts.command, (option) => option.command && !isHeld(option) && commandLine(option.command)),
    ],
    ({ decides }) => (decides === true ? 'binding' : ''),
  )}
  ${options.some((option) => option.kind === 'load-test' && option.command && !isHeld(option)) && html`<p class="quiet">${prose(addedRatesText[view.language])}</p>`}`;
}

/** Texts of the section that shows whether a cluster can sustain its forecast peak. */
const evidenceLanguages = bilingual({
  title: ['Can the cluster carry the forecast peak?', '能否承载预测峰值？'],
  states: {
    enough: ['Yes. No measurement is needed.', '能。无需再次测量。'],
    'not-enough': [
      'No. The capacity is too low, and measuring again would not change that: add brokers or move load.',
      '不能。容量不足，再次测量不会改变结论：请扩容或迁移流量。',
    ],
    undecided: [
      'Not at the accepted risk. A more precise measurement may still show that it can.',
      '超过上限的概率高于允许值，尚不能确认可以承载；更精确的测量仍可能证明可以。',
    ],
  } satisfies Record<EvidenceAdvice['state'], Pair>,
  gaps: {
    'no-forecast': [
      'Undecided. The forecast has no values for part of its period, such as for a promotion that the history does not contain.',
      '尚不确定。预测期内有部分时段没有预测值，例如历史中没有的大促。',
    ],
    'no-interval': [
      'Undecided. Only one past promotion has data for the phase of the forecast peak, so how far the load may exceed the forecast is unknown.',
      '尚不确定。预测峰值所在的时段只在一场大促中测量过，实际流量可能超出多少未知。',
    ],
    'no-catch-up': [
      'Undecided. The safe maximum while a lost broker catches up is unknown: add host metrics for every broker, or test closer to the limit.',
      '尚不确定。故障 Broker 恢复追赶期间的安全上限未知：请补齐每个 Broker 的主机指标，或以更接近上限的速率压测。',
    ],
  } satisfies Record<NonNullable<EvidenceAdvice['gap']>, Pair>,
  chance: (chance: string, risk: string, peak: string) => [
    `The forecast peak of ${peak} exceeds this maximum with a probability of ${chance}; at most ${risk} is accepted.`,
    `预测峰值（${peak}）超过这一上限的概率为 ${chance}，最多允许 ${risk}。`,
  ],
  safe: (tps: string, lost: string | undefined, isCatchUp = false) => [
    `Safe maximum${lost === undefined ? ' with all brokers' : isCatchUp ? ` while ${lost} catches up` : ` after losing ${lost}`}: ${tps}.`,
    `${lost === undefined ? '全部 Broker 正常时的' : isCatchUp ? `${lost} 恢复追赶期间的` : `失去 ${lost} 后的`}安全上限：${tps}。`,
  ],
  between: (low: string, high: string) => [`${low} to ${high}`, closedUp(`${low} 至 ${high}`)],
  interval: (range: string) => [`${range} (interval)`, `${range}（区间）`],
  from: (low: string) => [`at least ${low}`, `至少 ${low}`],
  needed: (tps: string, risk: string) => [
    `With a maximum of ${tps} or more, the probability is at most ${risk}.`,
    `这一上限达到 ${tps} 或以上时，该概率不超过 ${risk}。`,
  ],
  options: ['Possible measurements', '可采用的测量（任选其一）'],
  kinds: {
    'natural-peak': ['Wait for the next peak', '等待下一个高峰'],
    redline: ['Redline (production traffic up to the limit of one broker)', '单 Broker 真实流量极限测试（redline）'],
    'load-test': ['Load test', '压测'],
  } satisfies Record<EvidenceOption['kind'], Pair>,
  takes: ['Duration of the changed load, including pauses', '线上流量受影响的时长（含各段之间的间隔）'],
  nothing: ['none', '无'],
  begins: ['Earliest start', '最早开始时间'],
  notNow: ['not now', '目前不可'],
  noWindow: ['no safe window', '没有安全窗口'],
  expected: ['Expected safe maximum, msg/s', '预计得到的安全上限（条/秒）'],
  decides: ['Would decide', '足以得出结论'],
  yes: ['yes', '是'],
  no: ['no', '否'],
  command: ['Command', '命令'],
  none: [
    'None of these is expected to decide, because the forecast itself is too uncertain. It becomes more certain as the peak comes nearer.',
    '以上均不足以得出结论：预测本身误差过大，临近峰值时会更准确。',
  ],
});
