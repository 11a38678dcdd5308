// Renders messages for Feishu: text and links, with the signature in the body.

import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { fitting, type ChannelDialect } from './channel.ts';
import type { Note } from '../alert-text.ts';

/** The channel refuses bodies above 20 KB; each line is wrapped in some 40 bytes of JSON, and links are long. */
const mostTextBytes = 9000;

/** Newer versions return `code`, older ones `StatusCode`. */
const Answer = z.object({
  code: z.number().optional(),
  msg: z.string().default(''),
  StatusCode: z.number().optional(),
});

type Piece = { tag: 'text'; text: string } | { tag: 'a'; text: string; href: string };

const separator = '\u0000';

/*
 * POST https://open.feishu.cn/open-apis/bot/v2/hook/…
 *   body    timestamp  seconds since the epoch, as text, at most an hour off
 *           sign       base64 of HMAC-SHA256(key: timestamp + "\n" + secret, text: nothing)
 *           msg_type   "post"
 *           content    { post: { zh_cn: { title, content: [[{ tag: "text", text } or { tag: "a", text, href }]] } } }
 *   answer  { code: 0, msg: "success" }
 */
export const feishu: ChannelDialect = {
  write(wording, { secret, now }) {
    const text = fitting(wording, asLines, mostTextBytes);
    const content = text
      .split('\n')
      .filter((line) => line !== '')
      .map(piecesOf);
    const message = { msg_type: 'post', content: { post: { zh_cn: { title: wording.title, content } } } };
    if (secret === undefined) return { body: message };
    const timestamp = String(Math.floor(now.getTime() / 1000));
    const sign = createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
    return { body: { timestamp, sign, ...message } };
  },
  refusal(answer) {
    const read = Answer.safeParse(answer);
    const code = read.data?.code ?? read.data?.StatusCode;
    if (code === undefined) return 'the answer is none of Feishu';
    return code === 0 ? undefined : `code ${code}: ${read.data?.msg}`;
  },
};

/** Lines of text; a link is its text, a sign that no text holds, and its address. */
const asLines = ({ heading, lines, links }: Note) =>
  [heading, ...lines, ...links.map(({ text, url }) => `${text}${separator}${url}`)].join('\n');

function piecesOf(line: string): Piece[] {
  const [text = '', href] = line.split(separator);
  return [href === undefined ? { tag: 'text', text } : { tag: 'a', text, href }];
}
