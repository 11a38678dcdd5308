// Selects messages for channels with `during: promotions`: alerts that fire in a promotion, once per change of a group, and their end.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { replaceFileSync } from '../../core/files.ts';
import { keepNewest } from '../../core/keep-newest.ts';
import type { Logger } from '../../core/log.ts';
import type { AlertMessage } from './alert-message.ts';

export type PromotionGate = ReturnType<typeof createPromotionGate>;

const mostGroups = 1000;

/**
 * Alertmanager repeats posts every few minutes, so alerts that fired before a promotion are sent when it begins.
 *
 * @param kept file that a restarted service and the other instance of a pair read, so that they do not send a message again
 */
export function createPromotionGate(kept?: { file: string; log: Pick<Logger, 'warn'>; openedMs: number }) {
  /** Digest of the content by group; null if it was sent during an earlier promotion. */
  let sent = new Map<string, string | null>();
  let isStored = true;
  /** Each failure is logged once, because Alertmanager posts often. */
  const failing = new Set<'read' | 'write'>();
  // Without a file, the messages of an earlier process are unknown.
  const unknownBeforeMs = kept && !read() ? kept.openedMs : -Infinity;
  /** Groups of which this process sent a message. */
  const known = new Set<string>();

  function attempt(what: 'read' | 'write', file: (path: string) => void): boolean {
    try {
      if (kept) file(kept.file);
      failing.delete(what);
      return true;
    } catch (cause) {
      const text = `cannot ${what} which messages a promotion channel got: after a restart or failover it gets them again`;
      if (!failing.has(what)) kept?.log.warn({ file: kept.file, reason: (cause as Error).message }, text);
      failing.add(what);
      return false;
    }
  }

  /** The other instance may have sent a message. A file without the last own message is older than memory. */
  function read(): boolean {
    if (!isStored || kept === undefined || !existsSync(kept.file)) return false;
    return attempt('read', (path) => {
      sent = new Map(JSON.parse(readFileSync(path, 'utf8')) as [string, string | null][]);
    });
  }

  function store(): void {
    isStored = attempt('write', (path) => replaceFileSync(path, JSON.stringify([...sent])));
  }

  return {
    isDue(channel: string, message: AlertMessage, isOn: boolean): boolean {
      read();
      const key = keyOf(channel, message);
      // A resolution is sent only if the alert was sent, even after the promotion, or may have been.
      if (message.status === 'resolved') {
        const isUnknown = message.alerts.some(({ startsAt }) => Date.parse(startsAt) < unknownBeforeMs);
        return sent.has(key) || (isOn && isUnknown && !known.has(key));
      }
      // An alert that still fires is sent again in the next promotion.
      if (!isOn && sent.get(key)) {
        sent.set(key, null);
        store();
      }
      return isOn && sent.get(key) !== contentOf(message);
    },
    /** Records a sent message. */
    note(channel: string, message: AlertMessage): void {
      read();
      const key = keyOf(channel, message);
      if (unknownBeforeMs > -Infinity) known.add(key);
      if (message.status === 'resolved') sent.delete(key);
      else keepNewest(sent, key, contentOf(message), mostGroups);
      store();
    },
  };
}

const keyOf = (channel: string, { groupKey, commonLabels }: AlertMessage) =>
  JSON.stringify([channel, groupKey ?? commonLabels]);

const contentOf = ({ alerts }: AlertMessage) =>
  createHash('sha256')
    .update(JSON.stringify(alerts.map(({ status, labels, startsAt }) => [status, labels, startsAt])))
    .digest('base64');
