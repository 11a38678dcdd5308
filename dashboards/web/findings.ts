// Renders findings with their evidence: warnings in full, notes folded.

import type { Finding } from '../../core/documents/analysis.ts';
import { alikeFindings, othersText, type AlikeFindings } from '../../core/documents/findings/alike-findings.ts';
import { evidenceName, evidenceValue } from '../../core/documents/findings/evidence-text.ts';
import { findingMessage } from '../../core/documents/findings/findings.ts';
import { html, type Content, type Html } from '../../core/text/html.ts';
import { prose } from './layout.ts';
import type { View } from './view.ts';

/** Brokers of the findings, whose common findings are shown once. */
type Brokers = Parameters<typeof alikeFindings>[1];

export function renderFindings(findings: readonly Finding[], view: View, brokers?: Brokers): Html {
  const { strings } = view;
  return html`<section aria-labelledby="findings">
    <h2 id="findings">${strings.findings}</h2>
    ${findings.length === 0 && html`<p>${strings.noFindings}</p>`} ${renderFindingList(findings, view, brokers)}
  </section>`;
}

/** For places where a heading already names the subject. */
export function renderFindingList(findings: readonly Finding[], view: View, brokers?: Brokers): Content {
  const { strings } = view;
  const order = ['critical', 'warning'];
  const serious = findings
    .filter(({ severity }) => severity !== 'info')
    .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const notes = findings.filter(({ severity }) => severity === 'info');
  const list = (some: readonly Finding[]) =>
    html`<ul class="findings">
      ${alikeFindings(some, brokers).map((alike) => renderFinding(alike, view))}
    </ul>`;
  return [
    serious.length > 0 && list(serious),
    notes.length > 0 &&
      html`<details class="notes">
        <summary>${strings.notes(notes.length)}</summary>
        ${list(notes)}
      </details>`,
  ];
}

const symbols = { critical: '✕', warning: '!', info: 'i' } satisfies Record<Finding['severity'], string>;

function renderFinding(alike: AlikeFindings, { strings, language }: View): Html {
  const { finding } = alike;
  const { severity, code, evidence } = finding;
  const shown = language === 'zh' && finding.messageZh !== undefined ? language : 'en';
  return html`<li class="${severity}">
    <p>
      <span class="symbol" aria-hidden="true">${symbols[severity]}</span>
      <strong>${strings.severity[severity]}</strong> <code>${code}</code>
    </p>
    <p class="message" lang="${shown}">${prose(findingMessage(finding, shown) + othersText(alike, shown))}</p>
    ${
      evidence.length > 0 &&
      html`<details>
        <summary>${strings.evidence}${strings.aside(String(evidence.length))}</summary>
        <ul>
          ${evidence.map(
            (each) =>
              html`<li>
                ${evidenceName(each.name, language)}${strings.colon}<strong>${evidenceValue(each, language)}</strong
                ><span class="quiet">${strings.aside(evidenceName(each.source, language))}</span>
              </li>`,
          )}
        </ul>
      </details>`
    }
  </li>`;
}
