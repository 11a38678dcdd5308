// Selects messages for channels with `during: promotions`: alerts that fire in a promotion, once per change of a group, and their end.

import type { AlertMessage } from './alert-message.ts';
import { keepNewest } from '../../core/keep-newest.ts';

export type PromotionGate = ReturnType<typeof createPromotionGate>;

const mostGroups = 1000;

/**
 * Alertmanager repeats posts every few minutes, so alerts that fired before a promotion are sent when it begins.
 *
 * @param openedMs start of the process: what was sent before is unknown
 */
export function createPromotionGate(openedMs: number) {
  /** Content by group; undefined if it was sent during an earlier promotion. */
  const sent = new Map<string, string | undefined>();
  return {
    isDue(channel: string, message: AlertMessage, isOn: boolean): boolean {
      const key = keyOf(channel, message);
      // A resolution is sent only if the alert was sent, even after the promotion, or may have been sent before a restart.
      if (message.status === 'resolved') {
        const isEarlier = message.alerts.some(({ startsAt }) => Date.parse(startsAt) < openedMs);
        return sent.has(key) || (isOn && isEarlier);
      }
      // An alert that still fires is sent again in the next promotion.
      if (!isOn && sent.has(key)) sent.set(key, undefined);
      return isOn && sent.get(key) !== contentOf(message);
    },
    /** Records a sent message. */
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
