// Renders a rate search: its certified bounds, its trials over time and a table of trials.

import { forKind } from '../../core/kind-table.ts';
import { punctuation } from '../../core/text/punctuation.ts';
import type { AnalysedTrial, Analysis } from '../../core/documents/analysis.ts';
import { html, type Content, type Html } from '../../core/text/html.ts';
import { renderChartTools } from './chart-tools.ts';
import { type Column, numberColumn, renderFact, renderTable, textColumn } from './tables.ts';
import type { View } from './view.ts';

export function renderSearch({ trials = [], certificate }: Analysis, view: View): Content {
  if (trials.length === 0) return undefined;
  const { strings } = view;
  return [
    html`<section aria-labelledby="search-title">
      <h2 id="search-title">${strings.search}</h2>
      ${certificate === undefined ? html`<p>${strings.searchOpen}</p>` : renderBounds(certificate, view)}
      <figure class="chart" hidden>
        <div class="canvas">
          <canvas id="search" role="img" aria-label="${strings.search}" aria-describedby="search-explained"></canvas>
        </div>
        <figcaption id="search-explained">${strings.searchChartExplained}</figcaption>
        ${renderChartTools({ chart: 'search', table: 'trials' }, view)}
      </figure>
    </section>`,
    renderTrials(trials, view),
  ];
}

function renderBounds(certificate: NonNullable<Analysis['certificate']>, { strings, numbers, language }: View): Html {
  const { search, endedBecause, lowerBound, upperBounds, confidence } = certificate;
  const [upper] = upperBounds;
  const sure = (share: number | undefined) =>
    share === undefined
      ? ''
      : `${punctuation[language].comma}${strings.confidenceOf(numbers.percent(Math.floor(share * 1000) / 1000))}`;
  return html`<p><code>${search}</code> ${strings.endings[endedBecause]}</p>
    <dl class="facts">
      ${
        lowerBound &&
        renderFact(
          strings.lowerBound,
          html`${numbers.rate(lowerBound.tps)} ${strings.perSecond}
            <span class="quiet"
              >${strings.passedOf(lowerBound.passed, lowerBound.passed + lowerBound.failed, numbers.seconds(lowerBound.durationSeconds))}${sure(confidence?.lowerBound)}</span
            >`,
        )
      }
      ${
        upper &&
        renderFact(
          strings.upperBound,
          html`${numbers.rate(upper.tps)} ${strings.perSecond}
            <span class="quiet"
              >${breachText(upper, { strings, numbers })};
              ${strings.failedOf(upper.failed, upper.failed + upper.passed)}${sure(confidence?.upperBound)}</span
            >`,
        )
      }
    </dl>`;
}

function renderTrials(trials: readonly AnalysedTrial[], view: View): Html {
  const { strings, numbers } = view;
  const columns: Column<AnalysedTrial>[] = [
    textColumn(strings.trial, (_, index) => index + 1),
    textColumn(strings.purpose, ({ purpose }) => strings.purposes[purpose]),
    numberColumn(`${strings.target}${strings.inPerSecond}`, ({ targetTps }) => numbers.rate(targetTps)),
    numberColumn(strings.achieved, ({ outcome }) =>
      'achievedTps' in outcome ? numbers.rate(outcome.achievedTps) : undefined,
    ),
    numberColumn(strings.duration, ({ durationSeconds }) => numbers.seconds(durationSeconds)),
    textColumn(
      strings.result,
      ({ outcome: { kind } }) => html`<span class="verdict ${classOf(kind)}">${strings.outcomes[kind]}</span>`,
    ),
    textColumn(strings.why, ({ outcome }) => whyText(outcome, view)),
  ];
  return renderTable('trials', strings.trials, trials, columns, ({ outcome }) => classOf(outcome.kind));
}

/** Returns the style that steps in other tables have. */
function classOf(kind: AnalysedTrial['outcome']['kind']): string {
  return kind === 'passed' ? 'sustained' : kind === 'failed' ? 'saturated' : 'invalid';
}

const whyText = (outcome: AnalysedTrial['outcome'], view: View): Content =>
  forKind<typeof outcome, Content>(outcome, {
    passed: () => '',
    failed: (breach) => html`<span lang="en">${[breachText(breach, view), ...(breach.also ?? [])].join('; ')}</span>`,
    excluded: ({ reason }) => html`<span lang="en">${reason}</span>`,
  });

type Breach = Pick<Extract<AnalysedTrial['outcome'], { kind: 'failed' }>, 'criterion' | 'measured' | 'limit' | 'unit'>;

function breachText(
  { criterion, measured, limit, unit }: Breach,
  { strings, numbers }: Pick<View, 'strings' | 'numbers'>,
) {
  const written = (value: number) =>
    unit === 's' ? numbers.seconds(value) : unit === 'ratio' ? numbers.percent(value) : numbers.plain(value);
  return strings.measuredOf(criterion, written(measured), written(limit));
}
