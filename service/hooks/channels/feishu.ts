// Sends messages to a custom bot of Feishu: text and links, with the signature in the body.

import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { ChannelOf } from '../../../app/config/service-hooks.ts';
import type { Note } from '../alert-text.ts';
import { fitting, sent } from './channel.ts';
import { throttledSeconds, webhook } from './webhook.ts';

/** The channel refuses bodies above 20 KB; JSON adds about 40 bytes to each line, and links are long. */
const mostTextBytes = 9000;

/** Newer versions return `code`, older ones `StatusCode`. */
const Answer = z.object({
  code: z.number().optional(),
  msg: z.string().default(''),
  StatusCode: z.number().optional(),
});

/** More than 100 messages a minute, or 5 a second. */
const throttled = 11_232;

type Piece = { tag: 'text'; text: string } | { tag: 'a'; text: string; href: string };

const separator = '\u0000';

/*
 * https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
 * POST https://open.feishu.cn/open-apis/bot/v2/hook/…
 *   body    timestamp  seconds since the epoch, as text, at most an hour off
 *           sign       base64 of HMAC-SHA256(key: timestamp + "\n" + secret, text: nothing)
 *           msg_type   "post"
 *           content    { post: { zh_cn: { title, content: [[{ tag: "text", text } or { tag: "a", text, href }]] } } }
 *   answer  { code: 0, msg: "success" }
 */
export const feishu = webhook<ChannelOf<'feishu'>>({
  perMinute: 100,
  write(wording, channel, now) {
    const text = fitting(wording, asLines, mostTextBytes);
    const content = text
      .split('\n')
      .filter((line) => line !== '')
      .map(piecesOf);
    const message = { msg_type: 'post', content: { post: { zh_cn: { title: wording.title, content } } } };
    const secret = channel.secret?.reveal();
    if (secret === undefined) return { body: message };
    const timestamp = String(Math.floor(now.getTime() / 1000));
    const sign = createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
    return { body: { timestamp, sign, ...message } };
  },
  judge(_, json) {
    const read = Answer.safeParse(json).data;
    const code = read?.code ?? read?.StatusCode;
    if (code === undefined) return { kind: 'refused', reason: 'the response is not that of Feishu' };
    if (code === 0) return sent;
    const reason = `code ${code}: ${read?.msg}`;
    return code === throttled
      ? { kind: 'failed', reason, afterSeconds: throttledSeconds }
      : { kind: 'refused', reason };
  },
});

/** Renders lines of text; a link is its text, a separator that never occurs in text, and its address. */
const asLines = ({ heading, lines, links }: Note) =>
  [heading, ...lines, ...links.map(({ text, url }) => `${text}${separator}${url}`)].join('\n');

function piecesOf(line: string): Piece[] {
  const [text = '', href] = line.split(separator);
  return [href === undefined ? { tag: 'text', text } : { tag: 'a', text, href }];
}
