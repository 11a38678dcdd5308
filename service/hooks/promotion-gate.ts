// Decides what a channel with `during: promotions` is sent: what fires while one is on, each group of alerts once until it changes, and its end.

import type { Clock } from '../../core/clock.ts';
import type { AlertMessage } from './alert-message.ts';

export interface PromotionGate {
  isDue(channel: string, message: AlertMessage, isOn: boolean): boolean;
  /** After a message was sent. */
  note(channel: string, message: AlertMessage): void;
}

/** Alertmanager posts every few minutes, so that what fired before a promotion is sent when it begins. */
const repeatMs = 4 * 3_600_000;
const mostGroups = 1000;

export function createPromotionGate(clock: Pick<Clock, 'now'>): PromotionGate {
  const sent = new Map<string, { content?: string; atMs: number }>();
  return {
    isDue(channel, message, isOn) {
      const key = keyOf(channel, message);
      const known = sent.get(key);
      // The end of what was never sent is no news; of what was sent it is, also after the promotion.
      if (message.status === 'resolved') return known !== undefined;
      if (!isOn) {
        // What still fires then is news to the next promotion.
        if (known !== undefined) sent.set(key, { atMs: known.atMs });
        return false;
      }
      if (known === undefined) return true;
      return known.content !== contentOf(message) || clock.now().getTime() - known.atMs >= repeatMs;
    },
    note(channel, message) {
      const key = keyOf(channel, message);
      sent.delete(key);
      if (message.status === 'resolved') return;
      const [oldest] = sent.keys();
      if (oldest !== undefined && sent.size >= mostGroups) sent.delete(oldest);
      sent.set(key, { content: contentOf(message), atMs: clock.now().getTime() });
    },
  };
}

const keyOf = (channel: string, { groupKey, commonLabels }: AlertMessage) =>
  JSON.stringify([channel, groupKey ?? commonLabels]);

const contentOf = ({ alerts }: AlertMessage) =>
  JSON.stringify(alerts.map(({ status, labels, startsAt }) => [status, labels, startsAt]));
