// Sends messages to a custom robot of DingTalk: Markdown, with the signature in the query.

import { createHmac } from 'node:crypto';
import type { ChannelOf } from '../../../app/config/service-hooks.ts';
import { fitting, inMarkdown } from './channel.ts';
import { judgeErrcode, webhook } from './webhook.ts';

/** The channel refuses bodies above 20,000 bytes; JSON doubles quotes and line ends. */
const mostTextBytes = 12_000;

/** -1: the system is busy. Others: more than 20 messages a minute, after which the channel rejects messages for ten minutes. */
const retried = { [-1]: 1, 130_101: 600, 410_100: 600 };

/*
 * https://open.dingtalk.com/document/robots/custom-robot-access
 * POST https://oapi.dingtalk.com/robot/send?access_token=…
 *   query   timestamp  milliseconds since the epoch, at most an hour off
 *           sign       base64 of HMAC-SHA256(key: secret, text: timestamp + "\n" + secret)
 *   body    { msgtype: "markdown", markdown: { title, text } }
 *   answer  { errcode: 0, errmsg: "ok" }
 */
export const dingtalk = webhook<ChannelOf<'dingtalk'>>({
  perMinute: 20,
  write(wording, channel, now) {
    const text = `### ${wording.title}\n\n${fitting(wording, (note) => inMarkdown(note), mostTextBytes)}`;
    const body = { msgtype: 'markdown', markdown: { title: wording.title, text } };
    const secret = channel.secret?.reveal();
    if (secret === undefined) return { body };
    const timestamp = String(now.getTime());
    const sign = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
    return { query: { timestamp, sign }, body };
  },
  judge: (_, json) => judgeErrcode(json, 'DingTalk', retried),
});
