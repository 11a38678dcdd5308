// Renders the settings of the brokers: differences between peers first, all others folded.

import { html, type Content } from '../../../core/text/html.ts';
import { nodeText } from '../../../core/text/quantity-text.ts';
import { renderTable, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { renderLookup, renderNotices, type LookupAnswer } from './lookup-notice.ts';
import { renderClusterFrame } from './cluster-frame.ts';
import { clusterLanguages } from './cluster-texts.ts';

/** Processes with the same value share a row. */
export interface SettingRow {
  setting: string;
  values: readonly { value: string; by: readonly string[] }[];
}

export interface SettingsContent {
  cluster: string;
  answer: LookupAnswer<{
    /** Processes that responded. */
    brokers: readonly string[];
    differences: readonly SettingRow[];
    ofBrokers: readonly SettingRow[];
    ofNameServers: readonly SettingRow[];
    notices: readonly string[];
  }>;
}

export function renderSettingsPage({ cluster, answer }: SettingsContent, view: View): string {
  const texts = clusterLanguages[view.language];
  return renderClusterFrame(
    { cluster, page: 'settings', title: texts.pages.settings },
    html`${renderLookup(answer, view)} ${answer.kind === 'answered' && renderAnswer(answer.value, view)}`,
    view,
  );
}

type Answer = Extract<SettingsContent['answer'], { kind: 'answered' }>['value'];

function renderAnswer({ brokers, differences, ofBrokers, ofNameServers, notices }: Answer, view: View): Content {
  const { numbers, strings } = view;
  const texts = clusterLanguages[view.language];
  const alike = brokers.length < 2 ? texts.nobodyToCompare : texts.allAlike(numbers.plain(brokers.length));
  return html`${renderDifferences(strings.pages.cluster.differences, differences, alike, view)}
    ${renderNotices(notices, view)} ${renderFold('all-settings', texts.settingsOfBrokers, ofBrokers, view)}
    ${renderFold('name-server-settings', texts.settingsOfNameServers, ofNameServers, view)}
    <p class="quiet">${texts.secretsHidden}</p>`;
}

/** @param none text if there are no differences */
export function renderDifferences(title: string, rows: readonly SettingRow[], none: string, view: View): Content {
  if (rows.length > 0) return renderSettingRows('differences', title, rows, view);
  return html`<h2 id="differences">${title}</h2>
    <p>${none}</p>`;
}

export function renderFold(id: string, title: string, rows: readonly SettingRow[], view: View): Content {
  if (rows.length === 0) return undefined;
  return html`<details>
    <summary>${title}${view.strings.aside(view.numbers.plain(rows.length))}</summary>
    ${renderSettingRows(id, title, rows, view)}
  </details>`;
}

function renderSettingRows(id: string, title: string, rows: readonly SettingRow[], view: View): Content {
  const texts = clusterLanguages[view.language];
  return renderTable(id, title, rows, [
    textColumn(view.strings.pages.cluster.setting, ({ setting }) => html`<code>${setting}</code>`),
    textColumn(texts.value, ({ values }) =>
      values.map(
        ({ value, by }) =>
          html`<div>
            ${values.length > 1 && html`<bdi>${by.map((each) => nodeText(each, view.language)).join(view.strings.list)}</bdi>${view.strings.colon}`}<code
              ><bdi>${value}</bdi></code
            >
          </div>`,
      ),
    ),
  ]);
}
