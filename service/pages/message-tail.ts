// Streams new messages of a topic to operators as server-sent events: limited in time, number and rate, without values.

import type { RequestHandler, Response } from 'express';
import { ignoreFault } from '../../core/errors.ts';
import { sendText } from '../../exporter/http/send-text.ts';
import { followTopic } from '../../app/observe/browse-topic.ts';
import { queueName } from '../../brokers/delta/partition-key.ts';
import type { FoundMessage } from '../../brokers/lookup.ts';
import { messagesPath } from '../../dashboards/web/cluster/cluster-frame.ts';
import { readMessageQuery } from '../../dashboards/web/cluster/message-query.ts';
import { renderMessageRows } from '../../dashboards/web/cluster/message-rows.ts';
import { viewOf, type Site } from '../../dashboards/web/site.ts';
import type { View } from '../../dashboards/web/view.ts';
import { maskedFields, searchesMasked } from '../../app/observe/masked-messages.ts';
import { messageRow } from '../clusters/shown-message.ts';
import type { Access } from '../access/access.ts';
import type { ServiceParts } from '../parts.ts';
import { requestedTopic, filterOf, maskable, type RequestedTopic } from './requested-topic.ts';
import { isAtLeast } from '../../core/roles.ts';

export interface TailBounds {
  /** Limit for all operators together, because each tail reads its topic every second. */
  mostTails: number;
  longestMs: number;
  mostMessages: number;
  /** Further messages are only counted, because a reader could not follow them. */
  mostPerSecond: number;
  /** Shorter than the minute after which a proxy closes a silent connection. */
  heartbeatMs: number;
}

const usualBounds: TailBounds = {
  mostTails: 4,
  longestMs: 5 * 60_000,
  mostMessages: 1000,
  mostPerSecond: 20,
  heartbeatMs: 15_000,
};

/** Limit per partition and pass. */
const mostRead = 200;
/** Limit of buffered output for a slow reader. */
const mostWaitingBytes = 256 * 1024;

/** Number of tails of all visitors. */
export interface OpenTails {
  count: number;
}

type TailParts = Pick<ServiceParts, 'clusters' | 'config' | 'clock' | 'letStay' | 'live'> & {
  access: Pick<Access, 'userOf' | 'isStill'>;
  tails: OpenTails;
};

export function createMessageTail(parts: TailParts, site: Site, over?: Partial<TailBounds>): RequestHandler {
  const bounds = { ...usualBounds, ...over };
  const { clusters, access, config, clock, letStay, live, tails } = parts;

  return async (request, response) => {
    const refuse = (status: number, why: string) => sendText(response, status, why);
    const requested = requestedTopic(request, clusters);
    if (requested === undefined) return refuse(404, 'no such topic');
    if (!isAtLeast(access.userOf(request).role, 'operator')) return refuse(403, 'only operators can read messages');
    const view = viewOf(request, site);
    const query = readMessageQuery(view.query, view.timeZone);
    const masked = maskedFields(maskable(requested), config.messages.mask);
    const filter = filterOf(query);
    if (masked !== undefined && searchesMasked(filter, masked)) return refuse(400, 'masked fields cannot be searched');
    if (tails.count >= bounds.mostTails) return refuse(503, `more than ${bounds.mostTails} live tails at once`);
    tails.count++;
    letStay?.(request);
    const isStillAllowed = () => access.isStill('operator', request);
    const stream = openStream(response, bounds, { isStillAllowed, ...(live && { closed: live.closed }) });
    const partition = requested.places.find((place) => queueName(place) === query.partition);
    const pace = createPace(bounds.mostPerSecond, () => clock.monotonic());
    let sent = 0;
    try {
      await using lookup = await requested.served.lookUp(stream);
      const wanted = { topic: requested.topic, filter, mostRead, ...(partition && { partition }) };
      const onUnread = (notice: string) => stream.send('unread', notice);
      const found = followTopic(lookup, { ...wanted, onSkipped: stream.skipped, onUnread }, { ...stream, clock });
      for await (const message of found) {
        if (!pace()) stream.skipped(1);
        else {
          stream.send('message', tableOf(message, masked, requested, view));
          sent++;
        }
        if (sent >= bounds.mostMessages) break;
      }
      stream.end('');
    } catch (cause) {
      // The time limit was reached, or the reader disconnected.
      stream.end(stream.signal.aborted ? '' : cause instanceof Error ? cause.message : String(cause));
    } finally {
      tails.count--;
    }
  };
}

interface StreamEnds {
  /** Checked with each heartbeat, so that an ended session stops the stream. */
  isStillAllowed(): Promise<boolean>;
  /** Aborts on a reload, because the new config may mask more or permit other users. */
  closed?: AbortSignal;
}

function openStream(
  response: Response,
  { longestMs, heartbeatMs }: TailBounds,
  { isStillAllowed, closed }: StreamEnds,
) {
  const left = new AbortController();
  const beat = async () => {
    response.write(':\n\n');
    const isAllowed = await isStillAllowed().catch(ignoreFault('an unrecognized user gets no more messages'));
    if (isAllowed !== true) left.abort();
  };
  const beating = setInterval(() => void beat(), heartbeatMs).unref();
  response.once('close', () => {
    clearInterval(beating);
    left.abort();
  });
  // nginx buffers a response unless this header is set.
  response.set({
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.write(':\n\n');
  const send = (event: string, data: string) => {
    if (response.writableLength > mostWaitingBytes) return void response.destroy();
    const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
    response.write(`event: ${event}\n${lines.join('')}\n`);
  };
  return {
    signal: AbortSignal.any([left.signal, AbortSignal.timeout(longestMs), ...(closed ? [closed] : [])]),
    send,
    skipped: (messages: number) => send('skipped', String(messages)),
    /** @param failure empty for a normal end */
    end(failure: string) {
      // A stalled reader keeps the response open after its end, and a heartbeat would write after the end.
      clearInterval(beating);
      if (!response.destroyed) send('end', failure);
      response.end();
    },
  };
}

/** @returns whether one more message is permitted in this second */
function createPace(mostPerSecond: number, now: () => number): () => boolean {
  let [second, count] = [-1, 0];
  return () => {
    const current = Math.floor(now());
    if (current !== second) [second, count] = [current, 0];
    count++;
    return count <= mostPerSecond;
  };
}

/** Renders a table of one row, as on the page. */
function tableOf(
  message: FoundMessage,
  masked: readonly string[] | undefined,
  { served, topic }: RequestedTopic,
  view: View,
): string {
  const shown = Object.fromEntries([...view.query].filter(([name]) => name !== 'live'));
  const linkTo = (show: string) => view.link(messagesPath(served.name, topic), { ...shown, show });
  return renderMessageRows([messageRow(message, masked)], linkTo, view).text;
}
