// Renders the frame into which assets/tail.js adds new messages of a topic.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import type { View } from '../view.ts';
import { messageTailPath } from './cluster-frame.ts';
import type { MessageQuery } from './message-query.ts';
import { messagesLanguages } from './messages-texts.ts';

export function renderTailLink({ isLive }: MessageQuery, { here, language }: View): Content {
  const texts = messagesLanguages[language];
  return isLive
    ? html`<a href="${here({ live: undefined })}">${texts.stopTail}</a>`
    : html`<a href="${here({ live: '1', from: undefined, at: undefined, offset: undefined, show: undefined })}"
        >${texts.startTail}</a
      >`;
}

/** @param list the newest messages, which is all content without scripts */
export function renderTail(
  { cluster, topic, query }: { cluster: string; topic: string; query: MessageQuery },
  list: Content,
  { link, language }: View,
): Html {
  const texts = messagesLanguages[language];
  const { partition, key, header, text } = query;
  const wanted = Object.fromEntries(
    Object.entries({ partition, key, header, text }).filter(([, value]) => value !== ''),
  );
  return html`<section
    id="tail"
    data-tail="${link(messageTailPath(cluster, topic), wanted)}"
    data-running="${texts.tailing}"
    data-skipped="${texts.tailSkipped}"
    data-unread="${texts.tailUnread}"
    data-ended="${texts.tailEnded}"
    data-failed="${texts.tailFailed}"
    data-lost="${texts.tailLost}"
  >
    <p class="quiet" role="status"></p>
    <noscript><p class="verdict invalid">${texts.tailNeedsScripts}</p></noscript>
    ${list}
  </section>`;
}
