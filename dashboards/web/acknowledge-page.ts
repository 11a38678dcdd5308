// Renders the page behind a notification link: the subject to acknowledge, and whether it can be acknowledged.

import { html, type Content } from '../../core/text/html.ts';
import { hoursField } from './acknowledge.ts';
import { bilingual } from '../../core/text/bilingual.ts';
import { isolated, renderPage } from './layout.ts';
import type { View } from './view.ts';

interface AboutAlert {
  cluster: string;
  alert: string;
}

export type AcknowledgeContent =
  | ({ kind: 'open'; link: string } & AboutAlert)
  | ({ kind: 'done'; by: string; until: string } & AboutAlert)
  | ({ kind: 'expired' | 'over' | 'used' | 'not-allowed' } & AboutAlert)
  | { kind: 'invalid' };

const texts = bilingual({
  title: ['Acknowledge an alert', '确认告警'],
  cluster: ['Cluster', '集群'],
  confirm: ['Acknowledge', '确认'],
  effect: [
    'The alert stays visible, marked as acknowledged. No silence is created in Alertmanager.',
    '告警仍会显示，并标记为已确认；不会在 Alertmanager 中创建静默。',
  ],
  done: (by: string, until: string) => [`Acknowledged by ${by} until ${until}.`, `${by} 已确认，有效至 ${until}。`],
  refused: {
    expired: [
      'This link has expired. Use the link of a newer message, or log in and acknowledge the alert on the page of the cluster.',
      '链接已过期。请使用较新消息中的链接，或登录后在集群页面确认。',
    ],
    over: ['This alert does not fire any more. Nothing needs to be acknowledged.', '该告警已恢复，无需确认。'],
    used: [
      'This link was used already. Use the link of a newer message, or log in and acknowledge the alert on the page of the cluster.',
      '链接已使用过。请使用较新消息中的链接，或登录后在集群页面确认。',
    ],
    'not-allowed': [
      'This notification channel is not permitted to acknowledge alerts of this cluster. Log in as an operator instead.',
      '该通知渠道无权确认此集群的告警，请以操作员身份登录。',
    ],
    invalid: [
      'This link is not valid. It may be incomplete: copy it again from the message.',
      '链接无效，可能不完整，请从消息中重新复制。',
    ],
  },
});

export function renderAcknowledgePage(view: View, content: AcknowledgeContent): string {
  const own = texts[view.language];
  return renderPage(
    view,
    own.title,
    html`<h1>${own.title}</h1>
      ${
        content.kind !== 'invalid' &&
        html`<p>
          <strong><bdi>${content.alert}</bdi></strong> <span class="quiet">${own.cluster}</span>
          <bdi>${content.cluster}</bdi>
        </p>`
      }
      ${renderState(view, content)}`,
  );
}

function renderState(view: View, content: AcknowledgeContent): Content {
  const own = texts[view.language];
  if (content.kind === 'done') {
    return html`<p role="status">${own.done(isolated(content.by), view.numbers.moment(content.until))}</p>`;
  }
  if (content.kind !== 'open') return html`<p role="alert">${own.refused[content.kind]}</p>`;
  return html`<form class="filter" method="post" action="${view.link('/acknowledge')}">
      <input type="hidden" name="link" value="${content.link}" />
      ${hoursField(view)}
      <button>${own.confirm}</button>
    </form>
    <p class="quiet">${own.effect}</p>`;
}
