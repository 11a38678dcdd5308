// Sends events to PagerDuty: one incident for each group of alerts, resolved with the last of them.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ChannelOf } from '../../../app/config/service-hooks.ts';
import { cut, fitting, inPlainText, sent } from './channel.ts';
import { webhook } from './webhook.ts';

/** An event has at most 512 KB, and its summary 1,024 characters. */
const mostDetailBytes = 60_000;
const mostSummaryBytes = 1024;

/** Worst first. */
const severities = ['critical', 'error', 'warning', 'info'] as const;

const Answer = z.object({ status: z.string(), message: z.string().default('') });

/*
 * https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 * POST https://events.pagerduty.com/v2/enqueue
 *   body    routing_key   integration key
 *           event_action  "trigger" or "resolve"
 *           dedup_key     the same for all messages about one group
 *           payload       { summary, source, severity: critical, error, warning or info, timestamp, custom_details }
 *           client, links [{ href, text }]
 *   answer  202 { status: "success", message, dedup_key }; 400 { status, message, errors }; 429 and 5xx: later again
 */
export const pagerduty = webhook<ChannelOf<'pagerduty'>>({
  /** The limit applies to the whole PagerDuty service and varies; status 429 reports it. */
  perMinute: 120,
  keepsIncidents: true,
  write(wording, channel) {
    const { title, notes, group, isFiring } = wording;
    // In an open incident, resolved alerts no longer count.
    const counted = isFiring ? notes.filter((note) => note.isFiring) : notes;
    const severity = severities.find((each) => counted.some((note) => note.severity === each)) ?? 'info';
    const [first] = counted;
    const summary = [title, ...(first === undefined ? [] : [first.heading])].join(': ');
    return {
      body: {
        routing_key: channel.key.reveal(),
        event_action: isFiring ? 'trigger' : 'resolve',
        dedup_key: createHash('sha256').update(group).digest('hex'),
        payload: {
          summary: cut(summary, mostSummaryBytes),
          source: wording.about,
          severity,
          ...(first !== undefined && { timestamp: first.startsAt }),
          custom_details: { alerts: fitting(wording, inPlainText, mostDetailBytes) },
        },
        client: 'Plimsoll',
        links: notes.slice(0, mostLinked).flatMap(({ links }) => links.map(({ text, url }) => ({ href: url, text }))),
      },
    };
  },
  judge(_, json) {
    const read = Answer.safeParse(json).data;
    if (read === undefined) return { kind: 'refused', reason: 'the response is not that of PagerDuty' };
    return read.status === 'success' ? sent : { kind: 'refused', reason: `${read.status}: ${read.message}` };
  },
});

/** Limit of links, because a group may have hundreds of alerts. */
const mostLinked = 5;
