// Decides what a channel with `during: promotions` is sent: what fires while one is on, each group of alerts once until it changes, and its end.

import type { AlertMessage } from './alert-message.ts';
import { keepNewest } from '../../core/keep-newest.ts';

export type PromotionGate = ReturnType<typeof createPromotionGate>;

const mostGroups = 1000;

/** Alertmanager posts every few minutes, so that what fired before a promotion is sent when it begins. */
export function createPromotionGate() {
  /** Content by group; undefined for what was sent during an earlier promotion. */
  const sent = new Map<string, string | undefined>();
  return {
    isDue(channel: string, message: AlertMessage, isOn: boolean): boolean {
      const key = keyOf(channel, message);
      // The end of what was never sent is no news; of what was sent it is, also after the promotion.
      if (message.status === 'resolved') return sent.has(key);
      // What still fires after a promotion is news to the next one.
      if (!isOn && sent.has(key)) sent.set(key, undefined);
      return isOn && sent.get(key) !== contentOf(message);
    },
    /** After a message was sent. */
    note(channel: string, message: AlertMessage): void {
      const key = keyOf(channel, message);
      if (message.status === 'resolved') sent.delete(key);
      else keepNewest(sent, key, contentOf(message), mostGroups);
    },
  };
}

const keyOf = (channel: string, { groupKey, commonLabels }: AlertMessage) =>
  JSON.stringify([channel, groupKey ?? commonLabels]);

const contentOf = ({ alerts }: AlertMessage) =>
  JSON.stringify(alerts.map(({ status, labels, startsAt }) => [status, labels, startsAt]));
