// Renders messages for WeCom: Markdown of at most 4096 bytes, without a signature.

import { z } from 'zod';
import { fitting, inMarkdown, type ChannelDialect } from './channel.ts';
import type { Note } from '../alert-text.ts';

/** Of UTF-8, for markdown.content. */
const mostContentBytes = 4096;

const Answer = z.object({ errcode: z.number(), errmsg: z.string().default('') });

/** There are no bytes to spare for empty lines. */
const inShort = (note: Note) => inMarkdown(note, '\n');

/*
 * POST https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…
 *   body    { msgtype: "markdown", markdown: { content } }
 *   answer  { errcode: 0, errmsg: "ok" }
 */
export const wecom: ChannelDialect = {
  write(wording) {
    const title = `### ${wording.title}\n`;
    const content = title + fitting(wording, inShort, mostContentBytes - Buffer.byteLength(title));
    return { body: { msgtype: 'markdown', markdown: { content } } };
  },
  refusal(answer) {
    const read = Answer.safeParse(answer);
    if (!read.success) return 'the answer is none of WeCom';
    const { errcode, errmsg } = read.data;
    return errcode === 0 ? undefined : `errcode ${errcode}: ${errmsg}`;
  },
};
