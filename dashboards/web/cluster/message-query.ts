// Parses the start position and filters for messages of a topic from the address.

import { momentOfText } from '../../../core/local-moment.ts';

export const messageStarts = ['newest', 'time', 'offset'] as const;
export type MessageStart = (typeof messageStarts)[number];

export interface MessageQuery {
  from: MessageStart;
  /** As typed: a local time in the view's time zone. */
  at: string;
  atMs?: number;
  offset: bigint;
  /** A partition, or a queue as broker:queue; empty for all. */
  partition: string;
  key: string;
  /** NAME or NAME=VALUE. */
  header: string;
  text: string;
  /** Position of the message whose value was requested, as partition@offset. */
  show?: { partition: string; offset: bigint };
  /** Set if new messages are appended as they arrive, starting with the newest. */
  isLive?: true;
}

const longest = 249;

/** Ignores invalid parameters. */
export function readMessageQuery(parameters: URLSearchParams, timeZone: string): MessageQuery {
  const typed = (name: string) => (parameters.get(name) ?? '').slice(0, longest);
  const isLive = parameters.get('live') === '1';
  const start = messageStarts.find((each) => each === parameters.get('from')) ?? 'newest';
  const from = isLive ? 'newest' : start;
  const atMs = momentOfText(typed('at'), timeZone);
  const [, partition, shown] = /^(.{1,249})@(\d{1,19})$/s.exec(parameters.get('show') ?? '') ?? [];
  return {
    from,
    at: typed('at'),
    ...(atMs !== undefined && { atMs }),
    offset: /^\d{1,19}$/.test(typed('offset')) ? BigInt(typed('offset')) : 0n,
    partition: typed('partition'),
    key: typed('key'),
    header: typed('header'),
    text: typed('text'),
    ...(isLive && { isLive }),
    ...(partition !== undefined && shown !== undefined && { show: { partition, offset: BigInt(shown) } }),
  };
}
