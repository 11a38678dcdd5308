// Renders messages for DingTalk: Markdown, with the signature in the query.

import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { fitting, inMarkdown, type ChannelDialect } from './channel.ts';

/** The channel refuses bodies above 20,000 bytes; JSON doubles quotes and line ends. */
const mostTextBytes = 12_000;

const Answer = z.object({ errcode: z.number(), errmsg: z.string().default('') });

/*
 * POST https://oapi.dingtalk.com/robot/send?access_token=…
 *   query   timestamp  milliseconds since the epoch, at most an hour off
 *           sign       base64 of HMAC-SHA256(key: secret, text: timestamp + "\n" + secret)
 *   body    { msgtype: "markdown", markdown: { title, text } }
 *   answer  { errcode: 0, errmsg: "ok" }
 */
export const dingtalk: ChannelDialect = {
  write(wording, { secret, now }) {
    const text = `### ${wording.title}\n\n${fitting(wording, (note) => inMarkdown(note), mostTextBytes)}`;
    const body = { msgtype: 'markdown', markdown: { title: wording.title, text } };
    if (secret === undefined) return { body };
    const timestamp = String(now.getTime());
    const sign = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
    return { query: { timestamp, sign }, body };
  },
  refusal(answer) {
    const read = Answer.safeParse(answer);
    if (!read.success) return 'the answer is none of DingTalk';
    const { errcode, errmsg } = read.data;
    return errcode === 0 ? undefined : `errcode ${errcode}: ${errmsg}`;
  },
};
