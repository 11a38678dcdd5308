// Estimates how long unread messages block a change: until they are read or expire.

import { localText } from '../../core/local-moment.ts';
import { countText } from '../../core/text/quantity-text.ts';
import type { Blocker } from '../change/step.ts';
import type { Unread } from './unread.ts';

export interface Retention {
  /** ISO 8601 time since which no message has arrived. */
  quietAt?: string | undefined;
  retentionHours?: number | undefined;
}

export const unreadKey = ({ group, topic }: Pick<Unread, 'group' | 'topic'>) => `${group} ${topic}`;

/** @param before messages by unreadKey at the last check, and the seconds since then */
export function unreadBlocker(
  each: Unread,
  retention: Retention,
  now: Date,
  before?: { messages: ReadonlyMap<string, bigint>; elapsed: number },
): Blocker {
  const { group, topic, messages, clients } = each;
  const online = clients.length === 0 ? 'no client of it is online' : `clients online: ${clients.length}`;
  const count = countText(Number(messages));
  const what = `group ${group} has unread messages in ${topic}: ${count} (${online})`;
  const onlineZh = clients.length === 0 ? '没有在线客户端' : `在线客户端：${clients.length} 个`;
  const zh = `消费组 ${group} 在 ${topic} 有未消费消息 ${count} 条（${onlineZh}）`;
  if (clients.length === 0) {
    const until = expiryOf(retention);
    if (until === undefined) return { what, zh };
    const expiry = localText(until.getTime(), 'UTC');
    return {
      what: `${what}. These messages expire unread by ${expiry}; then the change continues. If they are needed, start clients of ${group} and read them before; if not, add --ignore-group ${group} to the command of this change`,
      zh: `${zh}。这些消息最迟于 ${expiry} 到期并被删除，之后变更继续：如仍需要，请启动该消费组的客户端，在此之前消费完；如不再需要，请在本次变更的命令中加上 --ignore-group ${group}`,
      until,
    };
  }
  const last = before?.messages.get(unreadKey(each));
  if (before === undefined || last === undefined || last <= messages || before.elapsed <= 0) return { what, zh };
  const perSecond = Number(last - messages) / before.elapsed;
  return { what, zh, until: new Date(now.getTime() + (Number(messages) / perSecond) * 1000) };
}

/** No message arrived after `quietAt`, so the newest one is older. */
export function expiryOf({ quietAt, retentionHours }: Retention): Date | undefined {
  if (quietAt === undefined || retentionHours === undefined) return undefined;
  return new Date(Date.parse(quietAt) + retentionHours * 3_600_000);
}
