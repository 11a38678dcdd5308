// Streams server-sent events to open pages when their content has changed, batched over two seconds.

import type { Request, RequestHandler, Response } from 'express';
import { incidentsOf, type FleetStatus } from '../../core/documents/cluster-status.ts';
import { sendText } from '../../exporter/http/send-text.ts';
import type { Changes } from './changes.ts';

/** Path below the root of the site. */
export const livePath = '/live';

interface LiveStreamsParts {
  changes: Pick<Changes, 'subscribe'>;
  fleet(): Pick<FleetStatus, 'clusters'>;
  /** Releases the concurrency slot of a request, because a stream stays open. */
  letStay(request: Request): void;
}

export interface LiveBounds {
  /** Limit of pages visible at once; further ones are refused and poll at their interval. */
  mostStreams: number;
  /** Batch time, because 200 clusters are read about ten times a second. */
  gatherMs: number;
  /** Shorter than the minute after which a proxy closes a silent connection. */
  heartbeatMs: number;
  /** The browser then reconnects, which checks the login again. */
  longestMs: number;
}

const usualBounds: LiveBounds = { mostStreams: 100, gatherMs: 2000, heartbeatMs: 15_000, longestMs: 15 * 60_000 };

/** Limit of buffered output for a slow reader. */
const mostWaitingBytes = 16 * 1024;

export type LiveStreams = ReturnType<typeof createLiveStreams>;

export function createLiveStreams({ changes, fleet, letStay }: LiveStreamsParts, over?: Partial<LiveBounds>) {
  const bounds = { ...usualBounds, ...over };
  const streams = new Map<Response, { cluster: string | undefined; end(): void }>();
  const changed = new Set<string>();
  let ofFleet = false;
  let events = 0;
  let incidents = '';
  const closed = new AbortController();
  let gathering: NodeJS.Timeout | undefined;
  let beating: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;

  const incidentsNow = () =>
    incidentsOf(fleet().clusters)
      .map(({ cluster, state }) => `${state} ${cluster}`)
      .join('\n');

  function note(cluster?: string): void {
    if (cluster === undefined) ofFleet = true;
    else changed.add(cluster);
    gathering ??= setTimeout(tell, bounds.gatherMs).unref();
  }

  function tell(): void {
    gathering = undefined;
    events++;
    const now = incidentsNow();
    const forAll = ofFleet || now !== incidents;
    incidents = now;
    for (const [response, { cluster }] of streams) {
      if (forAll || cluster === undefined || changed.has(cluster)) write(response, 'event: changed\ndata:\n\n');
    }
    changed.clear();
    ofFleet = false;
  }

  function write(response: Response, text: string): void {
    if (response.writableLength > mostWaitingBytes) response.destroy();
    else response.write(text);
  }

  /** Subscribes only while streams are open, so that nothing is computed without readers. */
  function begin(): void {
    incidents = incidentsNow();
    unsubscribe = changes.subscribe(note);
    beating = setInterval(() => {
      for (const response of streams.keys()) write(response, ':\n\n');
    }, bounds.heartbeatMs).unref();
  }

  function rest(): void {
    unsubscribe?.();
    clearInterval(beating);
    clearTimeout(gathering);
    gathering = undefined;
  }

  const answer: RequestHandler = (request, response) => {
    // nginx buffers a response unless X-Accel-Buffering is set.
    const headers = {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    };
    if (request.method === 'HEAD') return void response.set(headers).end();
    if (closed.signal.aborted || streams.size >= bounds.mostStreams) {
      response.set('Retry-After', '30');
      return sendText(response, 503, 'too many open pages; this page reconnects automatically');
    }
    if (streams.size === 0) begin();
    letStay(request);
    const { cluster } = request.query;
    const leave = () => {
      clearTimeout(ending);
      if (streams.delete(response) && streams.size === 0) rest();
    };
    const end = () => {
      // Removed first, because nothing may be written after the end, and the browser may reconnect before the close
      // event.
      leave();
      response.end();
    };
    streams.set(response, { cluster: typeof cluster === 'string' ? cluster : undefined, end });
    const ending = setTimeout(end, bounds.longestMs).unref();
    response.once('close', leave);
    response.set(headers).write('retry: 5000\n\n');
  };

  return {
    /** Handles a stream; `?cluster=NAME` limits the events to that cluster and to incidents. */
    answer,
    /** Number of batches sent so far. */
    events: () => events,
    /** Aborts on close, which a config reload triggers for all streams it replaces. */
    closed: closed.signal,
    /** Ends all streams, and refuses new ones. */
    close() {
      closed.abort();
      for (const { end } of streams.values()) end();
    },
  };
}
