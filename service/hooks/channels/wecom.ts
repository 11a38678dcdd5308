// Sends messages to a group robot of WeCom: Markdown of at most 4096 bytes, without a signature.

import type { ChannelOf } from '../../../app/config/service-hooks.ts';
import type { Note } from '../alert-text.ts';
import { fitting, inMarkdown } from './channel.ts';
import { judgeErrcode, throttledSeconds, webhook } from './webhook.ts';

/** Limit of markdown.content in UTF-8 bytes. */
const mostContentBytes = 4096;

/** -1: the system is busy. 45009: more than 20 messages a minute. */
const retried = { [-1]: 1, 45_009: throttledSeconds };

/** Omits empty lines to save bytes. */
const inShort = (note: Note) => inMarkdown(note, '\n');

/*
 * https://developer.work.weixin.qq.com/document/path/91770
 * POST https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…
 *   body    { msgtype: "markdown", markdown: { content } }
 *   answer  { errcode: 0, errmsg: "ok" }
 */
export const wecom = webhook<ChannelOf<'wecom'>>({
  perMinute: 20,
  write(wording) {
    const title = `### ${wording.title}\n`;
    const content = title + fitting(wording, inShort, mostContentBytes - Buffer.byteLength(title));
    return { body: { msgtype: 'markdown', markdown: { content } } };
  },
  judge: (_, json) => judgeErrcode(json, 'WeCom', retried),
});
