// Computes the messages that a planned stop of consumers leaves unread, which retention must keep.

import type { TopicMix } from './messages/message-spec.ts';
import { createPacer } from './pacer.ts';
import type { Segment } from './profiles/profile.ts';

export interface UnreadBacklog {
  /** Bytes in the topic with the largest backlog, all partitions, one copy. */
  bytes: number;
  seconds: number;
}

interface PlannedStops {
  /** Stops in seconds of the run. */
  stops: readonly { from: number; to: number }[];
  segments: readonly Segment[];
  /** Bytes of one message in its log. */
  storedMessageBytes: number;
  topics: number;
  mix?: TopicMix | undefined;
}

/** @returns the backlog of the longest stop; undefined without planned stops */
export function unreadBacklog(planned: PlannedStops): UnreadBacklog | undefined {
  const { stops, segments, storedMessageBytes } = planned;
  if (stops.length === 0) return undefined;
  const rates = segments.filter((segment) => segment.kind === 'rate');
  // The message count of a closed loop is not planned.
  const pacer = createPacer(rates.length === segments.length ? rates : []);
  const messages = stops.map(({ from, to }) => pacer.dueBy(to) - pacer.dueBy(from));
  return {
    bytes: Math.ceil(Math.max(...messages) * storedMessageBytes * mostShare(planned)),
    seconds: Math.max(...stops.map(({ from, to }) => to - from)),
  };
}

/** Topics are used in turn, or have shares that may change from step to step. */
function mostShare({ topics, mix }: PlannedStops): number {
  if (mix === undefined) return 1 / topics;
  return Math.max(
    ...mix.phases.map(({ shares }) => Math.max(...shares) / shares.reduce((sum, share) => sum + share, 0)),
  );
}
