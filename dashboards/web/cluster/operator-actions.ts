// Renders the actions of operators on a cluster: add a note, analyze now.

import { html, type Content } from '../../../core/text/html.ts';
import { longestNote } from '../acknowledge.ts';
import { bilingual } from '../../../core/text/bilingual.ts';
import type { View } from '../view.ts';
import { clusterPath } from './cluster-frame.ts';
import type { ClusterView } from './cluster-view.ts';
import { mayOperate } from '../visitor.ts';

const texts = bilingual({
  title: ['Operator', '操作员操作'],
  note: ['Note', '备注'],
  noteHint: ['What happened, who acts, until when', '发生了什么、谁在处理、到何时'],
  addNote: ['Add note', '添加备注'],
  jobs: { analysis: ['Analyze now', '立即分析'], forecast: ['Forecast now', '立即预测'] },
  recorded: ['Each action is an entry of the history with your name.', '每个操作都会连同您的名字记入历史。'],
});

const offeredJobs = ['analysis', 'forecast'] as const;

export function renderOperatorActions({ status, jobs }: Pick<ClusterView, 'status' | 'jobs'>, view: View): Content {
  if (!mayOperate(view.visitor)) return undefined;
  const { title, note, noteHint, addNote, jobs: labels, recorded } = texts[view.language];
  const action = view.link(clusterPath(status.cluster));
  const offered = offeredJobs.filter((name) => jobs.some((job) => job.name === name));
  return html`<section class="card" id="operator" aria-label="${title}">
    <h2>${title}</h2>
    <form class="filter" method="post" action="${action}">
      <input type="hidden" name="what" value="annotated" />
      <label
        >${note} <input name="note" required maxlength="${longestNote}" size="48" dir="auto" placeholder="${noteHint}"
      /></label>
      <button>${addNote}</button>
    </form>
    ${
      offered.length > 0 &&
      html`<form class="filter" method="post" action="${action}">
        <input type="hidden" name="what" value="analysis-asked" />
        ${offered.map((name) => html`<button name="job" value="${name}">${labels[name]}</button> `)}
      </form>`
    }
    <p class="quiet">${recorded}</p>
  </section>`;
}
