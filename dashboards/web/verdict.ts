// Renders the verdict of a run: safe maximum, saturation and bottleneck.

import type { Analysis, SafeMaxTps, SaturationTps } from '../../core/documents/analysis.ts';
import { causeText } from '../../core/documents/reasons/missing-causes.ts';
import { safeTpsOf } from '../../core/documents/safe-tps.ts';
import { bindingResource, firstLimit } from './chart-data.ts';
import { html, type Content, type Html } from '../../core/text/html.ts';
import { translated } from './layout.ts';
import { intervalText } from './status-text.ts';
import { describeUse, renderTableAlone, textColumn, numberColumn } from './tables.ts';
import { describeLimit, type View } from './view.ts';

export function renderVerdict(analysis: Analysis, view: View): Html {
  const { strings } = view;
  const { safeMaxTps, saturationTps } = analysis;
  const limit = firstLimit(analysis);
  return html`<section aria-labelledby="verdict">
    <h2 id="verdict" class="unseen">${strings.verdict}</h2>
    <div class="cards">
      ${card('safe', strings.safeMax, safeMaxTps, [explainPayload(analysis, view), explainSafe(safeMaxTps, view)], view)}
      ${card('full', strings.saturation, saturationTps, explainSaturation(saturationTps, view), view)}
      ${
        limit === undefined
          ? ''
          : html`<div class="card">
              <h3>${strings.limitedBy}</h3>
              <p class="figure words">${describeLimit(limit, strings)}</p>
              ${explainLimit(analysis, view)}
            </div>`
      }
    </div>
    ${safeMaxTps.kind === 'observed' ? renderBasis(safeMaxTps, view) : ''}
  </section>`;
}

function explainLimit(analysis: Analysis, view: View): Content {
  const binding = bindingResource(analysis);
  const used = binding && describeUse(binding, view);
  if (binding?.capacity === undefined || used === undefined) return undefined;
  return html`<p>${view.strings.usedOfCapacity(used, view.numbers.capacity(binding.capacity))}</p>
    <p class="quiet">${capacityFrom(binding.capacity.source, view)}</p>`;
}

/** Sources of the laboratory begin with its command (lab/tbf.ts). */
const capacityFrom = (source: string, { strings }: View) =>
  source.startsWith('plimsoll lab') ? strings.labCapacity(source) : strings.capacityFrom(source);

function card(
  role: 'safe' | 'full',
  title: string,
  verdict: SafeMaxTps | SaturationTps,
  explanation: Content,
  view: View,
): Html {
  const { strings, numbers } = view;
  const figure = figureOf(role, verdict);
  return html`<div class="card ${role}">
    <h3>
      ${title}
      <span class="kind"
        >${role === 'full' && verdict.kind === 'confirmed' ? strings.reached : strings.kinds[verdict.kind]}</span
      >
    </h3>
    ${
      figure === undefined
        ? html`<p class="figure words">${strings.unknown}</p>`
        : html`<p class="figure">
            ${verdict.kind === 'at-least' ? '≥ ' : ''}${numbers.rate(figure)}
            <span class="unit">${strings.perSecond}</span>
          </p>`
    }
    ${explanation}
  </div>`;
}

/** Returns the lower bound of the safe rate, which plans use; for saturation, the most likely rate. */
function figureOf(role: 'safe' | 'full', verdict: SafeMaxTps | SaturationTps): number | undefined {
  if (verdict.kind === 'unknown') return undefined;
  if (role === 'safe') return safeTpsOf(verdict);
  return 'estimateTps' in verdict ? verdict.estimateTps : verdict.tps;
}

function explainPayload({ safeMaxTps, run }: Analysis, { strings, numbers }: View): Content {
  const tps = safeTpsOf(safeMaxTps);
  if (tps === undefined || run.messageBytes === undefined) return undefined;
  return html`<p>${strings.payload(numbers.bytes(tps * run.messageBytes))}</p>`;
}

function explainSafe(verdict: SafeMaxTps, view: View): Content {
  const { strings } = view;
  switch (verdict.kind) {
    case 'confirmed':
    case 'predicted':
      return html`<p>${intervalText(verdict, view)}</p>
        <p class="quiet">${strings.safeExplained[verdict.kind]}</p>`;
    case 'observed':
      return html`<p>${strings.scaledReading(view.numbers.rate(verdict.tps))}</p>
        <p class="quiet">${strings.safeExplained.observed}</p>`;
    default:
      return explainUnresolved(verdict, view);
  }
}

function explainSaturation(verdict: SaturationTps, view: View): Content {
  const { strings, numbers } = view;
  switch (verdict.kind) {
    case 'confirmed':
      return html`<p>${intervalText(verdict, view)}</p>
        <p class="quiet">${strings.saturationExplained.confirmed}</p>`;
    case 'predicted':
      return html`<p>${intervalText(verdict, view)}</p>
        <p class="quiet">${strings.saturationExplained.predicted(numbers.plain(verdict.extrapolationFactor))}</p>`;
    case 'observed':
      return html`<p class="quiet">${strings.saturationExplained.observed}</p>`;
    default:
      return explainUnresolved(verdict, view);
  }
}

function explainUnresolved(verdict: Extract<SafeMaxTps, { kind: 'at-least' | 'unknown' }>, view: View): Content {
  const { strings, language } = view;
  if (verdict.kind === 'at-least') return html`<p class="quiet">${strings.atLeast[verdict.reason]}</p>`;
  return html`<p class="quiet">${strings.missing}</p>
    <ul class="quiet">
      ${verdict.missing.map((each) => html`<li>${causeText(each, language)}</li>`)}
    </ul>`;
}

function renderBasis({ basis }: Extract<SafeMaxTps, { kind: 'observed' }>, view: View): Html {
  const { strings, numbers } = view;
  return html`<h3>${strings.basis}</h3>
    ${renderTableAlone(strings.basis, basis, [
      textColumn(strings.reading, ({ reading, readingZh }) => translated(reading, readingZh, view)),
      textColumn(strings.capacity, ({ capacity, capacityZh }) => translated(capacity, capacityZh, view)),
      numberColumn(strings.policyLimit, ({ policyLimit }) => numbers.percent(policyLimit)),
      numberColumn(`${strings.safeMax}${strings.inPerSecond}`, ({ tps }) =>
        tps.low === tps.high ? numbers.rate(tps.low) : strings.range(numbers.rate(tps.low), numbers.rate(tps.high)),
      ),
    ])}`;
}
