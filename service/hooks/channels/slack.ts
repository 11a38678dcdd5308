// Sends messages to an incoming webhook of Slack.

import type { ChannelOf } from '../../../app/config/service-hooks.ts';
import type { Note } from '../alert-text.ts';
import { fitting, sent } from './channel.ts';
import { webhook } from './webhook.ts';

/** Slack splits longer texts into several messages at 4,000 characters, even within a link. */
const mostTextBytes = 3900;

/*
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 * POST https://hooks.slack.com/services/…
 *   body    { text, mrkdwn, unfurl_links, unfurl_media }
 *           text: *bold*, <address|text>; & < > are escaped, whoever wrote them
 *   answer  200 with the text "ok"; otherwise a status 4xx with a word such as invalid_payload, or 429 with Retry-After
 */
export const slack = webhook<ChannelOf<'slack'>>({
  /** One per second. */
  perMinute: 60,
  write(wording) {
    const title = `*${escaped(wording.title)}*\n\n`;
    const text = title + fitting(wording, inMrkdwn, mostTextBytes - Buffer.byteLength(title));
    return { body: { text, mrkdwn: true, unfurl_links: false, unfurl_media: false } };
  },
  judge: (text) => (text.trim() === 'ok' ? sent : { kind: 'refused', reason: 'the response is not that of Slack' }),
});

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function inMrkdwn({ heading, lines, links }: Note): string {
  const shown = links.map(({ text, url }) => `<${escaped(url).replaceAll('|', '%7C')}|${escaped(text)}>`).join(' ');
  return [`*${escaped(heading)}*`, ...lines.map(escaped), ...(shown === '' ? [] : [shown])].join('\n');
}
