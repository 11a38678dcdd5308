// Renders whether a cluster can sustain its forecast peak, and the cheapest evidence if that is uncertain.

import type { EvidenceAdvice, EvidenceOption } from '../../../core/documents/evidence-advice.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { lossName } from '../../../core/text/quantity-text.ts';
import { roundedDurationText } from '../../../core/text/duration-text.ts';
import { commandLine } from '../layout.ts';
import { renderTableAlone, textColumn, briefColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { evidenceLanguages } from './evidence-texts.ts';

const marks = { enough: 'sustained', 'not-enough': 'invalid', undecided: '' } as const;

/** @returns undefined without a verdict or a forecast */
export function renderEvidence(advice: EvidenceAdvice | undefined, view: View): Content {
  if (advice === undefined) return undefined;
  const texts = evidenceLanguages[view.language];
  const { numbers, strings } = view;
  const { state, gap, peak, safe, probability, risk, neededTps, options } = advice;
  const lost = safe.lost && lossName({ lost: safe.lost.kind, id: safe.lost.id }, view.language);
  const isOfForecast = state === 'undecided' && gap !== undefined && probability <= risk;
  const rate = (tps: number) => `${numbers.rate(tps)} ${strings.perSecond}`;
  const range =
    safe.interval?.high === undefined
      ? texts.from(rate(safe.tps))
      : texts.between(rate(safe.interval.low), rate(safe.interval.high));
  return html`<h3 id="fits">${texts.title}</h3>
    <p class="verdict ${marks[state]}">${isOfForecast ? texts.gaps[gap] : texts.states[state]}</p>
    <p>
      ${texts.chance(numbers.percent(probability), numbers.percent(risk), rate(peak.tps))} ${texts.safe(range, lost)}
      ${state !== 'enough' && texts.needed(rate(neededTps))}
    </p>
    ${options.length > 0 && renderOptions(options, view)}
    ${options.some(({ expected }) => expected) && !options.some(({ decides }) => decides) && html`<p class="quiet">${texts.none}</p>`}`;
}

function renderOptions(options: readonly EvidenceOption[], view: View): Content {
  const texts = evidenceLanguages[view.language];
  const { numbers, language } = view;
  const isExpected = options.some(({ expected }) => expected !== undefined);
  return renderTableAlone(
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
        cell: ({ from }) => (from === undefined ? texts.noWindow : numbers.moment(from)),
        value: ({ from }) => from,
      },
      isExpected &&
        numberColumn(
          texts.expected,
          ({ expected }) => expected && texts.between(numbers.rate(expected.low), numbers.rate(expected.high)),
        ),
      isExpected &&
        briefColumn(texts.decides, ({ decides }) => (decides === undefined ? '–' : decides ? texts.yes : texts.no)),
      textColumn(texts.command, ({ command }) => command && commandLine(command)),
    ],
    ({ decides }) => (decides === true ? 'binding' : ''),
  );
}
