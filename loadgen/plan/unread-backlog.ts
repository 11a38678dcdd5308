// Computes what a planned stop of consumers leaves unread, which the retention of the topics has to keep.

import type { TopicMix } from './messages/message-spec.ts';
import { createPacer } from './pacer.ts';
import type { Segment } from './profiles/profile.ts';

export interface UnreadBacklog {
  /** In the topic that holds most, all partitions, one copy. */
  bytes: number;
  seconds: number;
}

interface PlannedStops {
  /** In seconds of the run. */
  stops: readonly { from: number; to: number }[];
  segments: readonly Segment[];
  /** Of one message in its log. */
  storedMessageBytes: number;
  topics: number;
  mix?: TopicMix | undefined;
}

/** @returns that of the longest stop; undefined where no consumer is stopped as planned */
export function unreadBacklog(planned: PlannedStops): UnreadBacklog | undefined {
  const { stops, segments, storedMessageBytes } = planned;
  if (stops.length === 0) return undefined;
  const rates = segments.filter((segment) => segment.kind === 'rate');
  // How much a closed loop sends is not planned.
  const pacer = createPacer(rates.length === segments.length ? rates : []);
  const messages = stops.map(({ from, to }) => pacer.dueBy(to) - pacer.dueBy(from));
  return {
    bytes: Math.ceil(Math.max(...messages) * storedMessageBytes * mostShare(planned)),
    seconds: Math.max(...stops.map(({ from, to }) => to - from)),
  };
}

/** Topics take turns, or have shares that may change from step to step. */
function mostShare({ topics, mix }: PlannedStops): number {
  if (mix === undefined) return 1 / topics;
  return Math.max(
    ...mix.phases.map(({ shares }) => Math.max(...shares) / shares.reduce((sum, share) => sum + share, 0)),
  );
}
