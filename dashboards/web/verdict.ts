// How much can the cluster carry, and what stops it? The headline of a run's page.

import type { Analysis, SafeMaxTps, SaturationTps } from '../../core/analysis.ts';
import { bindingResource } from './chart-data.ts';
import { html, type Content, type Html } from './html.ts';
import { scrollable, type View } from './layout.ts';
import { describeLimit } from './strings.ts';

export function renderVerdict(analysis: Analysis, view: View): Html {
  const { strings, numbers } = view;
  const { safeMaxTps, saturationTps, run } = analysis;
  const limit = limitOf(safeMaxTps) ?? limitOf(saturationTps);
  return html`<section aria-labelledby="verdict">
    <h2 id="verdict" class="unseen">${strings.verdict}</h2>
    <div class="cards">
      ${card(
        safeMaxTps.kind === 'observed' ? strings.observedLoad : strings.safeMax,
        safeMaxTps,
        view,
        [
          safeMaxTps.kind !== 'unknown' &&
            run.messageBytes !== undefined &&
            html`<p>${strings.payload(numbers.bytes(safeMaxTps.tps * run.messageBytes))}</p>`,
          explainSafe(safeMaxTps, view),
        ],
        'safe',
      )}
      ${card(strings.saturation, saturationTps, view, explainSaturation(saturationTps, view), 'full')}
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

function limitOf(verdict: SafeMaxTps | SaturationTps) {
  return 'limitedBy' in verdict ? verdict.limitedBy : undefined;
}

function explainLimit(analysis: Analysis, { strings, numbers }: View): Content {
  const { capacity, utilisationAtHighestStep: used } = bindingResource(analysis) ?? {};
  if (capacity === undefined || used === undefined) return undefined;
  return html`<p>${strings.usedOfCapacity(numbers.percent(used), numbers.capacity(capacity))}</p>
    <p class="quiet" lang="en">${capacity.source}</p>`;
}

function card(
  title: string,
  verdict: SafeMaxTps | SaturationTps,
  view: View,
  explanation: Content,
  role: string,
): Html {
  const { strings, numbers } = view;
  return html`<div class="card ${role}">
    <h3>${title} <span class="kind">${strings.kinds[verdict.kind]}</span></h3>
    ${
      verdict.kind === 'unknown'
        ? html`<p class="figure words">${strings.unknown}</p>`
        : html`<p class="figure">
            ${verdict.kind === 'at-least' ? '≥ ' : ''}${numbers.rate(verdict.tps)}
            <span class="unit">${strings.perSecond}</span>
          </p>`
    }
    ${explanation}
  </div>`;
}

function explainSafe(verdict: SafeMaxTps, view: View): Content {
  const { strings } = view;
  switch (verdict.kind) {
    case 'confirmed':
    case 'predicted':
      return html`<p>${describeInterval(verdict, view)}</p>
        <p class="quiet">${strings.safeExplained[verdict.kind]}</p>`;
    case 'observed':
      return html`<p class="quiet">${strings.safeExplained.observed}</p>`;
    default:
      return explainUnresolved(verdict, view);
  }
}

function explainSaturation(verdict: SaturationTps, view: View): Content {
  const { strings, numbers } = view;
  switch (verdict.kind) {
    case 'confirmed':
      return html`<p>${describeInterval(verdict, view)}</p>
        <p class="quiet">${strings.saturationExplained.confirmed}</p>`;
    case 'predicted':
      return html`<p>${describeInterval(verdict, view)}</p>
        <p class="quiet">${strings.saturationExplained.predicted(numbers.plain(verdict.extrapolationFactor))}</p>`;
    case 'observed':
      return html`<p class="quiet">${strings.saturationExplained.observed}</p>`;
    default:
      return explainUnresolved(verdict, view);
  }
}

function explainUnresolved(verdict: Extract<SafeMaxTps, { kind: 'at-least' | 'unknown' }>, { strings }: View): Content {
  if (verdict.kind === 'at-least') return html`<p class="quiet">${strings.atLeast[verdict.reason]}</p>`;
  return html`<p class="quiet">${strings.missing}</p>
    <ul class="quiet">
      ${verdict.missing.map(({ what, node }) => html`<li>${strings.ofNode(what, node)}</li>`)}
    </ul>`;
}

function describeInterval(
  { estimateTps, interval }: Extract<SafeMaxTps, { kind: 'confirmed' | 'predicted' }>,
  { strings, numbers }: View,
): string {
  const confidence = numbers.percent(interval.confidence);
  const range =
    interval.high === undefined
      ? strings.openInterval(confidence, numbers.rate(interval.low))
      : strings.interval(confidence, numbers.rate(interval.low), numbers.rate(interval.high));
  return `${range}, ${strings.estimate(numbers.rate(estimateTps))}`;
}

function renderBasis({ basis }: Extract<SafeMaxTps, { kind: 'observed' }>, { strings, numbers }: View): Html {
  return html`<h3>${strings.basis}</h3>
    ${scrollable(
      strings.basis,
      html`<table>
        <thead>
          <tr>
            <th scope="col">${strings.reading}</th>
            <th scope="col">${strings.capacity}</th>
            <th scope="col" class="number">${strings.policyLimit}</th>
            <th scope="col" class="number">${strings.safeMax} (${strings.perSecond})</th>
          </tr>
        </thead>
        <tbody>
          ${basis.map(
            ({ reading, capacity, policyLimit, tps }) =>
              html`<tr>
                <td lang="en">${reading}</td>
                <td lang="en">${capacity}</td>
                <td class="number">${numbers.percent(policyLimit)}</td>
                <td class="number">
                  ${tps.low === tps.high ? numbers.rate(tps.low) : `${numbers.rate(tps.low)} – ${numbers.rate(tps.high)}`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}`;
}
